import { readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import {
  acceptsSignals,
  isPostgres,
  isRunning,
  listServerProcessesIn,
  readCommandLine,
  worksIn,
} from './process-identity.js';

/** The contents of postmaster.pid. Postgres writes port and status a moment after the pid. */
export interface PostmasterFile {
  pid: number;
  port?: number;
  status?: string;
}

export function readPostmasterFile(cluster: string): PostmasterFile | undefined {
  let lines: string[];
  try {
    lines = readFileSync(postmasterPath(cluster), 'utf8').split('\n');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  // A standalone backend (postgres --single) writes its pid as a negative number.
  const pid = Math.abs(Number.parseInt(lines[0] ?? '', 10));
  if (!pid) return undefined;
  return { pid, port: Number.parseInt(lines[3] ?? '', 10) || undefined, status: lines[7]?.trim() };
}

/** Returns whether the pid in postmaster.pid belongs to a server of this cluster, and was not reused for another program. */
export function isServerOf(cluster: string, pid: number): boolean {
  if (!isRunning({ pid })) return false;
  const isInside = worksIn(pid, cluster);
  if (isInside !== undefined) return isInside && isPostgres(pid);
  const commandLine = readCommandLine(pid);
  // If no information about the process can be read, the file is trusted, because a second server would destroy the cluster.
  return commandLine === undefined || commandLine.includes(cluster);
}

/**
 * Removes postmaster.pid if its pid now belongs to another program, because Postgres would otherwise never start.
 *
 * The file is not removed in any other case. It contains the shared memory key by which Postgres notices that processes of a
 * killed server still write to the cluster.
 *
 * @returns the processes of an earlier server that still run; the file must stay until they have ended
 */
export async function removeStalePostmasterFile(cluster: string, log: (message: string) => void): Promise<number[]> {
  const file = readPostmasterFile(cluster);
  // Postgres itself handles a pid whose process has ended.
  if (!file || !acceptsSignals(file.pid) || isServerOf(cluster, file.pid)) return [];
  const remaining = listServerProcessesIn(cluster);
  if (remaining.length > 0) return remaining;
  log(`Removing a stale postmaster.pid: pid ${file.pid} belongs to another program now`);
  await rm(postmasterPath(cluster), { force: true });
  return [];
}

function postmasterPath(cluster: string): string {
  return join(cluster, 'postmaster.pid');
}
