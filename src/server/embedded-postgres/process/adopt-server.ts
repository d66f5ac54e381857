import { setTimeout as sleep } from 'node:timers/promises';
import { ensureDatabase, isPassing, isWrongPassword } from '../connection.js';
import { EmbeddedPostgresError } from '../embedded-postgres.error.js';
import type { RunningServer } from '../running-server.js';
import { readPostmasterFile } from './postmaster-file.js';
import { type ProcessIdentity, identifyProcess, isRunning } from './process-identity.js';
import { stopServer } from './server-process.js';
import { type StartContext, noteObstacle } from '../start-context.js';
import { claimOwnership, findOwner, readCredentials } from '../state-files.js';

const POLL_MS = 20;

/**
 * Adopts the server that already runs on the data folder, once it is ready. Returns undefined if that server has ended instead,
 * because it was shutting down or its password was lost. A new server can then be started.
 */
export async function adoptServer(
  context: StartContext,
  pid: number,
  giveUpAt: number,
): Promise<RunningServer | undefined> {
  const { folder, signal } = context;
  const identity = identifyProcess(pid);
  while (isRunning(identity)) {
    if (performance.now() > giveUpAt) {
      throw new EmbeddedPostgresError(
        'START_TIMED_OUT',
        `The Postgres that runs on ${folder.path} (pid ${pid}) did not become ready. See ${folder.serverLog}.`,
      );
    }
    const file = readPostmasterFile(folder.cluster);
    if (file?.pid === pid && file.status === 'ready' && file.port !== undefined) {
      const server = await tryToConnect(context, identity, file.port);
      if (server !== 'not now') return server;
    }
    await sleep(POLL_MS, undefined, { signal });
  }
  return undefined;
}

async function tryToConnect(
  context: StartContext,
  identity: ProcessIdentity,
  port: number,
): Promise<RunningServer | undefined | 'not now'> {
  const { folder, database, log } = context;
  const credentials = await readCredentials(folder.credentials);
  if (!credentials) return replaceServer(context, identity);
  const address = { port, password: credentials.password };
  let version: string;
  try {
    version = await ensureDatabase(address, database);
  } catch (error) {
    if (isWrongPassword(error)) return replaceServer(context, identity);
    if (isPassing(error)) return 'not now';
    throw error;
  }
  const isOwned = (await findOwner(folder.owner)) === 'dead';
  if (isOwned) await claimOwnership(folder.owner, folder.account);
  const origin = isOwned ? 'left by a process that died' : 'started by another process';
  log(`Using the Postgres ${version} on 127.0.0.1:${port} (pid ${identity.pid}), ${origin}`);
  return { identity, address, version, isAdopted: true, isOwned };
}

/** Stops a server whose password was lost, so that a new password can be set. */
async function replaceServer(context: StartContext, identity: ProcessIdentity): Promise<undefined> {
  const { folder } = context;
  if ((await findOwner(folder.owner)) !== 'dead') {
    throw new EmbeddedPostgresError(
      'DATA_FOLDER_UNUSABLE',
      `A Postgres runs on ${folder.path} (pid ${identity.pid}), but ${folder.credentials} does not contain its password. ` +
        'Stop it and start again; the start then sets a new password.',
    );
  }
  noteObstacle(context, 'Restarting an orphaned Postgres whose password was lost');
  context.isPasswordLost = true;
  await stopServer(identity, folder.cluster);
  return undefined;
}
