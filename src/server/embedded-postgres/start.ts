import { setTimeout as sleep } from 'node:timers/promises';
import { adoptServer } from './process/adopt-server.js';
import { explainRefusal, openDataFolder } from './data-folder.js';
import { EmbeddedPostgresError } from './embedded-postgres.error.js';
import { type EmbeddedPostgres, createHandle } from './embedded-postgres.js';
import type { RunningServer } from './running-server.js';
import { isServerOf, readPostmasterFile } from './process/postmaster-file.js';
import type { StartContext } from './start-context.js';
import { acquireStartLock } from './process/start-lock.js';
import { startNewServer } from './process/start-new-server.js';

/** Options for starting an embedded Postgres. */
export interface EmbeddedPostgresOptions {
  /** A folder for this purpose only, for example `data/postgres`. It is created if it is missing. */
  dataDir: string;
  /** The name of the database, which is created if it is missing. The default is `custom_metrics`. */
  database?: string;
  /** True to trade durability for speed, for tests only. A crash of the machine loses the data. */
  ephemeral?: boolean;
  log?: (message: string) => void;
  /** Receives error messages; the default is `log`. */
  logError?: (message: string) => void;
  /** True to restart a server that ends unexpectedly, at the same address. A service needs this, but a command does not. */
  isKeptRunning?: boolean;
  /** The port. The start fails if it is taken. The default is the last port if that is free, and otherwise any free port. */
  port?: number;
  /** Aborts the start. A server that was already started is stopped before the promise rejects. */
  signal?: AbortSignal;
}

const DEFAULT_DATABASE = 'custom_metrics';
const RETRY_MS = 200;
/** Maximum time for a start. A query of a killed server may continue for a while, and no new server can start before it ends. */
const TIMEOUT_MS = 120_000;

/**
 * Starts the server of a data folder, or adopts the one that already runs on it. The start handles an interrupted initdb, a
 * killed server, a stale pid file, a taken port, missing library links, and running as root. Any other problem is an {@link
 * EmbeddedPostgresError} that says what to do.
 *
 * Two starts on one folder, in the same process or in several, share one server, which belongs to the first. When the first one
 * stops it, another one with `isKeptRunning` starts it again.
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const log = options.log ?? (() => undefined);
  const folder = await openDataFolder(options.dataDir, log);
  const context: StartContext = {
    folder,
    database: options.database ?? DEFAULT_DATABASE,
    isEphemeral: options.ephemeral ?? false,
    port: options.port,
    signal: options.signal,
    log,
    logError: options.logError ?? log,
    isPasswordLost: false,
    isSavedPortTaken: false,
    obstacle: undefined,
  };
  return createHandle(await startUnderLock(context), context, options.isKeptRunning ? startUnderLock : undefined);
}

async function startUnderLock(context: StartContext): Promise<RunningServer> {
  const { folder } = context;
  try {
    const lock = await acquireStartLock(folder.lock, { ...context, account: folder.account });
    try {
      return await startOrAdopt(context);
    } finally {
      await lock.release();
    }
  } catch (error) {
    throw explainRefusal(error, folder.path);
  }
}

async function startOrAdopt(context: StartContext): Promise<RunningServer> {
  const { folder, signal } = context;
  const giveUpAt = performance.now() + TIMEOUT_MS;
  for (;;) {
    signal?.throwIfAborted();
    const file = readPostmasterFile(folder.cluster);
    const server =
      file && isServerOf(folder.cluster, file.pid)
        ? await adoptServer(context, file.pid, giveUpAt)
        : await startNewServer(context);
    if (server) return server;
    if (performance.now() > giveUpAt) {
      throw new EmbeddedPostgresError(
        'START_TIMED_OUT',
        `Postgres could not be started on ${folder.path} within ${TIMEOUT_MS / 1000} s: ${context.obstacle}`,
      );
    }
    await sleep(RETRY_MS, undefined, { signal });
  }
}
