import { randomBytes } from 'node:crypto';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { type Account, giveTo } from './runtime/privileges.js';
import { type ProcessIdentity, identifyProcess, isRunning } from './process/process-identity.js';

/** How to log in. Kept beside the cluster, readable by its owner only. */
export interface Credentials {
  password: string;
  /** Where the server listened last: bookmarks and open clients keep working across restarts. */
  port?: number;
}

export const SUPERUSER = 'postgres';

export function createCredentials(): Credentials {
  // Letters, digits, - and _ only: it stands in a URL as it is.
  return { password: randomBytes(24).toString('base64url') };
}

export async function readCredentials(path: string): Promise<Credentials | undefined> {
  const found = await readJson<Partial<Credentials>>(path);
  return typeof found?.password === 'string' ? { password: found.password, port: found.port } : undefined;
}

/**
 * What became of the process that stops the server: the one that started it, or took it over from one that died. A server
 * that was started by hand has nobody, and is not ours to stop.
 */
export async function findOwner(path: string): Promise<'alive' | 'dead' | 'nobody'> {
  const owner = await readJson<ProcessIdentity>(path);
  if (!owner) return 'nobody';
  return isRunning(owner) ? 'alive' : 'dead';
}

export async function claimOwnership(path: string, account: Account | undefined): Promise<void> {
  await writeJson(path, identifyProcess(process.pid), account);
}

/** Before the server is told to stop: afterwards the file may already name whoever starts it next. */
export async function releaseOwnership(path: string): Promise<void> {
  const owner = await readJson<ProcessIdentity>(path);
  if (owner?.pid === process.pid) await rm(path, { force: true });
}

async function readJson<Content>(path: string): Promise<Content | undefined> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as Content;
  } catch (error) {
    // Unreadable content is the same as none: the password can be set anew.
    if (error instanceof SyntaxError || (error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Renamed into place, so that a kill in the middle leaves the old content and not half of the new one. */
export async function writeJson(path: string, content: object, account: Account | undefined): Promise<void> {
  const draft = `${path}.${process.pid}.tmp`;
  await rm(draft, { force: true });
  await writeFile(draft, `${JSON.stringify(content)}\n`, { mode: 0o600, flag: 'wx', flush: true });
  await giveTo(account, draft);
  await rename(draft, path);
}
