import { databaseUrl } from './connection.js';
import { ServerKeeper } from './process/server-keeper.js';
import { stopServer, stopServerWithoutWaiting } from './process/server-process.js';
import type { StartContext } from './start-context.js';
import { findOwner, releaseOwnership } from './state-files.js';
import type { RunningServer } from './running-server.js';

/** A running Postgres server on 127.0.0.1. */
export interface EmbeddedPostgres {
  /** A URL like `postgres://…`. It contains the password and must not be logged. */
  readonly url: string;
  readonly port: number;
  /** The version, for example '18.4'. */
  readonly version: string;
  /** True if another process has started the server. */
  readonly isAdopted: boolean;
  readonly pid: number;
  /**
   * Stops the server within 10 s. Repeated calls are allowed. An adopted server keeps running, unless its owner is dead and no
   * other process would stop it.
   */
  stop(): Promise<void>;
}

/**
 * Creates the handle by which callers use the server.
 *
 * @param restart starts or adopts a server to replace one that has ended; undefined if an ended server is not replaced
 */
export function createHandle(
  first: RunningServer,
  context: StartContext,
  restart: ((context: StartContext) => Promise<RunningServer>) | undefined,
): EmbeddedPostgres {
  const { folder, database } = context;
  let server = first;
  // This stops the server if Node.js exits without stop() and the kernel does not end the server (on macOS, or without setpriv).
  const stopAtExit = () => {
    if (server.isOwned) stopServerWithoutWaiting(server.identity);
  };
  process.once('exit', stopAtExit);
  const keeper = restart && new ServerKeeper(first, context, restart, (next) => (server = next));
  keeper?.watch();

  const stopOnce = async () => {
    await keeper?.stop();
    if (server.isOwned || (await findOwner(folder.owner)) === 'dead') {
      await releaseOwnership(folder.owner);
      await stopServer(server.identity, folder.cluster);
    }
    process.removeListener('exit', stopAtExit);
  };
  let stopped: Promise<void> | undefined;
  return {
    url: databaseUrl(first.address, database),
    port: first.address.port,
    version: first.version,
    get isAdopted() {
      return server.isAdopted;
    },
    get pid() {
      return server.identity.pid;
    },
    stop: () => (stopped ??= stopOnce()),
  };
}
