import { execFileSync } from 'node:child_process';
import { readFileSync, readdirSync, statSync } from 'node:fs';
import { childEnvironment } from '../runtime/child-environment.js';

/** A pid and when its process began: together they survive that the system gives the pid to somebody else. */
export interface ProcessIdentity {
  pid: number;
  /** Comparable only with another `startedAt` of the same machine; absent where the system does not tell. */
  startedAt?: string;
}

export function identifyProcess(pid: number): ProcessIdentity {
  return { pid, startedAt: isLinux ? readLinuxStat(pid)?.startedAt : readStartTime(pid) };
}

/** Whether that very process still runs. A zombie (a dead child nobody reaped, usual below a container's pid 1) does not. */
export function isRunning(identity: ProcessIdentity): boolean {
  if (!acceptsSignals(identity.pid)) return false;
  const stat = isLinux ? readLinuxStat(identity.pid) : undefined;
  if (stat?.isDead) return false;
  const startedAt = isLinux ? stat?.startedAt : identity.startedAt && readStartTime(identity.pid);
  return !startedAt || !identity.startedAt || startedAt === identity.startedAt;
}

/** The program and arguments of a process, as one string; undefined if it is gone or the system does not tell. */
export function readCommandLine(pid: number): string | undefined {
  try {
    if (isLinux) return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
    if (process.platform !== 'win32') return runTool('ps', ['-o', 'command=', '-p', String(pid)]);
  } catch {
    // Gone meanwhile, or not ours to see.
  }
  return undefined;
}

/** Whether the working directory of the process is this folder; undefined if that cannot be seen. */
export function worksIn(pid: number, folder: string): boolean | undefined {
  if (!isLinux) return undefined;
  try {
    // Compared by inode: the path is another one after a rename of a parent folder or through a bind mount.
    const [own, wanted] = [statSync(`/proc/${pid}/cwd`), statSync(folder)];
    return own.dev === wanted.dev && own.ino === wanted.ino;
  } catch {
    return undefined;
  }
}

/** Whether the process is a Postgres, and not for example a shell that was left in its folder. */
export function isPostgres(pid: number): boolean {
  return /postgres|postmaster/.test(readCommandLine(pid) ?? '');
}

/** Every process of a server on this folder: all of them have it as their working directory. */
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
    // lsof also fails when it finds nothing.
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

/** A server that root started may hold a capability, and its account cannot look into it. Better one too many than one too few. */
function isHiddenProcessOf(pid: number, ownerUid: number): boolean {
  try {
    return Number(/^Uid:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) === ownerUid;
  } catch {
    return false;
  }
}

/** Whether the system knows the pid at all: a zombie and a process of another user count. */
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
    // The second field is the program's name in parentheses and may itself hold spaces and parentheses.
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
