import { databaseUrl } from './connection.js';
import { ServerKeeper } from './process/server-keeper.js';
import { stopServer, stopServerWithoutWaiting } from './process/server-process.js';
import type { StartContext } from './start-context.js';
import { findOwner, releaseOwnership } from './state-files.js';
import type { RunningServer } from './running-server.js';

/** A running Postgres server on 127.0.0.1. */
export interface EmbeddedPostgres {
  /** `postgres://…` with the password: not for a log. */
  readonly url: string;
  readonly port: number;
  /** For example '18.4'. */
  readonly version: string;
  /** Another process started it, and stops it. */
  readonly isAdopted: boolean;
  readonly pid: number;
  /**
   * Stops the server within 10 s and may be called again at will. An adopted server is left alone, unless the process it
   * belonged to is dead: nobody else would stop it.
   */
  stop(): Promise<void>;
}

/**
 * The server as its user sees it.
 *
 * @param restart starts a server or adopts one, to replace one that has ended; undefined = it is not replaced
 */
export function createHandle(
  first: RunningServer,
  context: StartContext,
  restart: ((context: StartContext) => Promise<RunningServer>) | undefined,
): EmbeddedPostgres {
  const { folder, database } = context;
  let server = first;
  // For a node that ends without stop() where no kernel ties the server to it (macOS, or no setpriv).
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
