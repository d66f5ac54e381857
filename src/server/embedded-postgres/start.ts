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

/** What to start, and where its data lies. */
export interface EmbeddedPostgresOptions {
  /** A folder of the launcher's own, for example `data/postgres`; created if missing. */
  dataDir: string;
  /** Created if missing; default `custom_metrics`. */
  database?: string;
  /** Gives up durability for speed. For tests only: a crash of the machine loses the data. */
  ephemeral?: boolean;
  log?: (message: string) => void;
  /** For what went wrong; default `log`. */
  logError?: (message: string) => void;
  /** Whether a server that ends without being told to is started again, at the same address. For a service, not for a command. */
  isKeptRunning?: boolean;
  /** Refused if taken. Default: the port of the last start if it is free, else any free one. */
  port?: number;
  /** Ends a start that is under way; what was started by then is stopped before the promise rejects. */
  signal?: AbortSignal;
}

const DEFAULT_DATABASE = 'custom_metrics';
const RETRY_MS = 200;
/** A query of a killed server may run on for a while, and keeps a new server out for good reason. */
const TIMEOUT_MS = 120_000;

/**
 * Starts the server of a data folder, or adopts the one that already runs on it. Every fault it can mend is mended (an
 * interrupted initdb, a killed server, a stale pid file, a taken port, missing library links, root); any other is an
 * {@link EmbeddedPostgresError} that says what to do.
 *
 * Two starts on one folder, in one process or several, share one server: it belongs to the first. When that one stops it, another
 * one that keeps it running starts it again.
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
