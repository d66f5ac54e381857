import { type ServerAddress, databaseUrl } from './connection.js';
import type { DataFolder } from './data-folder.js';
import type { ProcessIdentity } from './process-identity.js';
import { stopServer, stopServerWithoutWaiting } from './server-process.js';
import { findOwner, releaseOwnership } from './state-files.js';

/** A running Postgres server on 127.0.0.1. */
export interface EmbeddedPostgres {
  /** `postgres://…` with the password: not for a log. */
  url: string;
  port: number;
  /** For example '18.4'. */
  version: string;
  /** It ran already when this process came: another process started it, and it goes when that one stops it. */
  isAdopted: boolean;
  pid: number;
  /**
   * Stops the server within 10 s and may be called again at will. An adopted server is left alone, unless the process it
   * belonged to is dead: nobody else would stop it.
   */
  stop(): Promise<void>;
}

/** What is known of a server that takes connections. */
export interface RunningServer {
  identity: ProcessIdentity;
  address: ServerAddress;
  version: string;
  isAdopted: boolean;
  /** Whether this process has to stop it. */
  isOwned: boolean;
}

/** The server as its user sees it. */
export function createHandle(server: RunningServer, folder: DataFolder, database: string): EmbeddedPostgres {
  const { identity, address, version, isAdopted, isOwned } = server;
  // For a node that ends without stop() where no kernel ties the server to it (macOS, or no setpriv).
  const stopAtExit = () => stopServerWithoutWaiting(identity);
  if (isOwned) process.once('exit', stopAtExit);

  const stopOnce = async () => {
    if (!isOwned && (await findOwner(folder.owner)) !== 'dead') return;
    await releaseOwnership(folder.owner);
    await stopServer(identity, folder.cluster);
    process.removeListener('exit', stopAtExit);
  };
  let stopped: Promise<void> | undefined;
  return {
    url: databaseUrl(address, database),
    port: address.port,
    version,
    isAdopted,
    pid: identity.pid,
    stop: () => (stopped ??= stopOnce()),
  };
}
