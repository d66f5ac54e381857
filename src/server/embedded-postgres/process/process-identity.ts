import { execFileSync } from 'node:child_process';
import { readFileSync, readdirSync, statSync } from 'node:fs';
import { childEnvironment } from '../runtime/child-environment.js';

/** A pid and the start time of its process, which together identify a process even if the system reuses the pid. */
export interface ProcessIdentity {
  pid: number;
  /** The start time, which is comparable only on the same machine; absent if the system does not provide it. */
  startedAt?: string;
}

export function identifyProcess(pid: number): ProcessIdentity {
  return { pid, startedAt: isLinux ? readLinuxStat(pid)?.startedAt : readStartTime(pid) };
}

/**
 * Returns whether the identified process still runs. A zombie does not: it is a dead child that was not reaped, which is common
 * in containers.
 */
export function isRunning(identity: ProcessIdentity): boolean {
  if (!acceptsSignals(identity.pid)) return false;
  const stat = isLinux ? readLinuxStat(identity.pid) : undefined;
  if (stat?.isDead) return false;
  const startedAt = isLinux ? stat?.startedAt : identity.startedAt && readStartTime(identity.pid);
  return !startedAt || !identity.startedAt || startedAt === identity.startedAt;
}

/** Returns the program and arguments of a process as one string; undefined if it has ended or can't be read. */
export function readCommandLine(pid: number): string | undefined {
  try {
    if (isLinux) return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
    if (process.platform !== 'win32') return runTool('ps', ['-o', 'command=', '-p', String(pid)]);
  } catch {
    // The process has ended in the meantime, or this process may not read it.
  }
  return undefined;
}

/** Returns whether the working directory of a process is the given folder, or undefined if it can't be read. */
export function worksIn(pid: number, folder: string): boolean | undefined {
  if (!isLinux) return undefined;
  try {
    // Inodes are compared, because the path may differ after a rename of a parent folder or through a bind mount.
    const [own, wanted] = [statSync(`/proc/${pid}/cwd`), statSync(folder)];
    return own.dev === wanted.dev && own.ino === wanted.ino;
  } catch {
    return undefined;
  }
}

/** Returns whether the process is a Postgres, and not, for example, a shell in the same folder. */
export function isPostgres(pid: number): boolean {
  return /postgres|postmaster/.test(readCommandLine(pid) ?? '');
}

/** Lists all processes of a server on this folder. Each of them has the folder as its working directory. */
export function listServerProcessesIn(folder: string): number[] {
  if (isLinux) {
    const ownerUid = statSync(folder).uid;
    return readdirSync('/proc')
      .map(Number)
      .filter((pid) => pid > 0 && (worksIn(pid, folder) ?? isHiddenProcessOf(pid, ownerUid)) && isPostgres(pid));
  }
  try {
    const fields = runTool('lsof', ['-a', '-c', 'postgres', '-d', 'cwd', '-Fpn']).split('\n');
    return fields.flatMap((field, index) => (field === `n${folder}` ? [lastPidBefore(fields, index)] : []));
  } catch {
    // lsof also fails if it finds no process.
    return [];
  }
}

const isLinux = process.platform === 'linux';

function lastPidBefore(fields: string[], index: number): number {
  return Number(
    fields
      .slice(0, index)
      .findLast((field) => field.startsWith('p'))
      ?.slice(1),
  );
}

/**
 * Returns whether a process whose folder can't be read belongs to the owner. A server that root started may have a capability
 * that keeps its own account from reading its folder. Listing one process too many is better than listing one too few.
 */
function isHiddenProcessOf(pid: number, ownerUid: number): boolean {
  try {
    return Number(/^Uid:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) === ownerUid;
  } catch {
    return false;
  }
}

/** Returns whether the pid exists, including zombies and processes of other users. */
export function acceptsSignals(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function readLinuxStat(pid: number): { isDead: boolean; startedAt: string | undefined } | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The second field is the program's name in parentheses, which may itself contain spaces and parentheses.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return { isDead: fields[0] === 'Z' || fields[0] === 'X', startedAt: fields[19] };
  } catch {
    return undefined;
  }
}

function readStartTime(pid: number): string | undefined {
  if (process.platform === 'win32') return undefined;
  try {
    return runTool('ps', ['-o', 'lstart=', '-p', String(pid)]).trim() || undefined;
  } catch {
    return undefined;
  }
}

function runTool(file: string, args: string[]): string {
  return execFileSync(file, args, { encoding: 'utf8', env: childEnvironment(), stdio: ['ignore', 'pipe', 'ignore'] });
}
