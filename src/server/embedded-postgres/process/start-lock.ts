import { randomUUID } from 'node:crypto';
import { readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { EmbeddedPostgresError } from '../embedded-postgres.error.js';
import { type Account, giveTo } from '../runtime/privileges.js';
import { type ProcessIdentity, identifyProcess, isRunning } from './process-identity.js';

const POLL_MS = 25;
const TIMEOUT_MS = 120_000;
/** Age at which an empty or incomplete lock file counts as abandoned. A younger one may not be completely written yet. */
const UNWRITTEN_GRACE_MS = 2_000;

export interface StartLockOptions {
  account: Account | undefined;
  log: (message: string) => void;
  signal?: AbortSignal;
}

/**
 * Lets only one start at a time use the data folder, so that the second one finds a running server to adopt. The lock only
 * serialises starts. Postgres' own postmaster.pid and the atomic rename of a new cluster protect the data.
 */
export async function acquireStartLock(path: string, options: StartLockOptions): Promise<{ release(): Promise<void> }> {
  const content = JSON.stringify({ ...identifyProcess(process.pid), nonce: randomUUID() });
  const giveUpAt = performance.now() + TIMEOUT_MS;
  let isWaiting = false;
  while (!(await tryCreate(path, content, options.account))) {
    options.signal?.throwIfAborted();
    const found = await readIfPresent(path);
    if (found !== undefined && (await isAbandoned(path, found))) {
      await breakLock(path, found);
      continue;
    }
    if (performance.now() > giveUpAt) {
      throw new EmbeddedPostgresError(
        'START_TIMED_OUT',
        `Another start of the embedded Postgres has held ${path} for ${TIMEOUT_MS / 1000} s: ${found}. ` +
          'End that process, or delete the file if there is no such process.',
      );
    }
    if (!isWaiting) options.log('Waiting for another start of the embedded Postgres on this data folder');
    isWaiting = true;
    await sleep(POLL_MS, undefined, { signal: options.signal });
  }
  return {
    release: async () => {
      if ((await readIfPresent(path)) === content) await rm(path, { force: true });
    },
  };
}

async function tryCreate(path: string, content: string, account?: Account): Promise<boolean> {
  try {
    await writeFile(path, content, { flag: 'wx', mode: 0o600 });
    await giveTo(account, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

async function isAbandoned(path: string, content: string): Promise<boolean> {
  try {
    return !isRunning(JSON.parse(content) as ProcessIdentity);
  } catch {
    const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: Date.now() }));
    return Date.now() - mtimeMs > UNWRITTEN_GRACE_MS;
  }
}

/**
 * Breaks an abandoned lock. The file is renamed before it is checked again, so that only one of several starts can remove it. If
 * the renamed file turns out to be a new lock, it is put back.
 */
async function breakLock(path: string, abandoned: string): Promise<void> {
  const aside = `${path}.${randomUUID()}`;
  try {
    await rename(path, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  const moved = await readIfPresent(aside);
  if (moved !== undefined && moved !== abandoned) await tryCreate(path, moved);
  await rm(aside, { force: true });
}

async function readIfPresent(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
