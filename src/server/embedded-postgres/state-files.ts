import { randomBytes } from 'node:crypto';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { type Account, giveTo } from './runtime/privileges.js';
import { type ProcessIdentity, identifyProcess, isRunning } from './process/process-identity.js';

/** The password and the port of the server. They are in a file that only its owner can read, next to the cluster. */
export interface Credentials {
  password: string;
  /** The last port of the server, which is reused so that saved URLs and open clients keep working after a restart. */
  port?: number;
}

export const SUPERUSER = 'postgres';

export function createCredentials(): Credentials {
  // The password consists of letters, digits, - and _ only, so that it needs no encoding in a URL.
  return { password: randomBytes(24).toString('base64url') };
}

export async function readCredentials(path: string): Promise<Credentials | undefined> {
  const found = await readJson<Partial<Credentials>>(path);
  return typeof found?.password === 'string' ? { password: found.password, port: found.port } : undefined;
}

/**
 * Returns the state of the owner of the server. The owner is the process that started the server, or that took it over from a
 * dead one. A server that was started manually has no owner, and is never stopped.
 */
export async function findOwner(path: string): Promise<'alive' | 'dead' | 'nobody'> {
  const owner = await readJson<ProcessIdentity>(path);
  if (!owner) return 'nobody';
  return isRunning(owner) ? 'alive' : 'dead';
}

export async function claimOwnership(path: string, account: Account | undefined): Promise<void> {
  await writeJson(path, identifyProcess(process.pid), account);
}

/**
 * Removes the owner file if it names this process. Without the start lock, call this before the server stops, because another
 * start can claim the file afterwards.
 */
export async function releaseOwnership(path: string): Promise<void> {
  const owner = await readJson<ProcessIdentity>(path);
  if (owner?.pid === process.pid) await rm(path, { force: true });
}

async function readJson<Content>(path: string): Promise<Content | undefined> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as Content;
  } catch (error) {
    // Unreadable content counts as missing, because a new password can be set.
    if (error instanceof SyntaxError || (error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/**
 * Writes a draft and renames it into place, so that the file never has only a part of the new content, even if the process is
 * killed in the middle.
 */
export async function writeJson(path: string, content: object, account: Account | undefined): Promise<void> {
  const draft = `${path}.${process.pid}.tmp`;
  await rm(draft, { force: true });
  await writeFile(draft, `${JSON.stringify(content)}\n`, { mode: 0o600, flag: 'wx', flush: true });
  await giveTo(account, draft);
  await rename(draft, path);
}
