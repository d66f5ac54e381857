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

/** What postmaster.pid says; port and status are written a moment after the pid. */
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
  // A negative pid is a standalone backend (postgres --single).
  const pid = Math.abs(Number.parseInt(lines[0] ?? '', 10));
  if (!pid) return undefined;
  return { pid, port: Number.parseInt(lines[3] ?? '', 10) || undefined, status: lines[7]?.trim() };
}

/** Whether the process that postmaster.pid names is a server of this cluster, or the pid now belongs to another program. */
export function isServerOf(cluster: string, pid: number): boolean {
  if (!isRunning({ pid })) return false;
  const isInside = worksIn(pid, cluster);
  if (isInside !== undefined) return isInside && isPostgres(pid);
  const commandLine = readCommandLine(pid);
  // Where nothing can be seen, believe the file: a second server on one cluster would destroy it.
  return commandLine === undefined || commandLine.includes(cluster);
}

/**
 * Removes postmaster.pid if its pid belongs to another program now: Postgres would refuse to start for ever.
 *
 * Never in any other case. The file holds the key of the shared memory by which Postgres notices that processes of a
 * killed server still write to the cluster.
 *
 * @returns the processes of an earlier server that still run, for which the file has to stay a while longer
 */
export async function removeStalePostmasterFile(cluster: string, log: (message: string) => void): Promise<number[]> {
  const file = readPostmasterFile(cluster);
  // Postgres itself deals with the pid of a process that is gone.
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
