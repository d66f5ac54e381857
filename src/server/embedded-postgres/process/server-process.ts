import { type ChildProcess, spawn } from 'node:child_process';
import { constants } from 'node:fs';
import { type FileHandle, open, rename, stat } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { DataFolder } from '../data-folder.js';
import { giveTo } from '../runtime/privileges.js';
import { type ProcessIdentity, identifyProcess, isRunning, listServerProcessesIn } from './process-identity.js';
import { readPostmasterFile } from './postmaster-file.js';
import type { Runtime } from '../runtime/runtime.js';

/** A server this process started. */
export interface ServerProcess {
  identity: ProcessIdentity;
  child: ChildProcess;
  /** What it wrote to its log since it was started. */
  readLog(): Promise<string>;
}

export interface ServerOptions {
  port: number;
  isEphemeral: boolean;
}

const POLL_MS = 10;
const LOG_LIMIT_BYTES = 10 * 1024 * 1024;
const LOG_TAIL_BYTES = 8 * 1024;

/** stop() promises to be done in 10 s, so each kind of shutdown has its share of them. */
const FAST_SHUTDOWN_MS = 4_000;
const IMMEDIATE_SHUTDOWN_MS = 2_500;
const KILL_MS = 1_500;

/** Starts postgres; whether it came up is for {@link waitUntilReady} to say. */
export async function spawnServer(
  folder: DataFolder,
  runtime: Runtime,
  options: ServerOptions,
): Promise<ServerProcess> {
  const logFile = await openLog(folder);
  try {
    const { size } = await logFile.stat();
    const command = runtime.way.wrap(runtime.postgres, serverArguments(folder.cluster, options));
    const child = spawn(command.file, command.args, {
      cwd: folder.path,
      env: runtime.environment,
      uid: command.uid,
      gid: command.gid,
      // Its own process group: Ctrl-C goes to the whole group, and the app must drain before its database goes.
      detached: true,
      // A file and no pipe: a pipe breaks with node, and the server must be able to log its own shutdown.
      stdio: ['ignore', logFile.fd, logFile.fd],
      windowsHide: true,
    });
    await new Promise<void>((resolve, reject) => child.once('spawn', resolve).once('error', reject));
    // The server is no reason for node to stay: it ends with node.
    child.unref();
    return { identity: identifyProcess(child.pid ?? 0), child, readLog: () => readFrom(folder.serverLog, size) };
  } finally {
    await logFile.close();
  }
}

/** Resolves to true when the server takes connections, and to false if it ended instead. */
export async function waitUntilReady(server: ServerProcess, cluster: string, signal?: AbortSignal): Promise<boolean> {
  while (!hasExited(server.child)) {
    const file = readPostmasterFile(cluster);
    if (file?.pid === server.child.pid && file?.status === 'ready') return true;
    await sleep(POLL_MS, undefined, { signal });
  }
  return false;
}

/**
 * Stops a server within 10 s: fast shutdown (clean), then immediate (the next start recovers), then by force.
 *
 * Never a plain kill of the postmaster alone: its other processes would go on writing.
 */
export async function stopServer(server: ProcessIdentity, cluster: string): Promise<void> {
  if (await signalAndWait(server, 'SIGINT', FAST_SHUTDOWN_MS)) return;
  if (await signalAndWait(server, 'SIGQUIT', IMMEDIATE_SHUTDOWN_MS)) return;
  const others = listServerProcessesIn(cluster).filter((pid) => pid !== server.pid);
  const processes = [...others.map((pid) => identifyProcess(pid)), server];
  await Promise.all(processes.map((each) => signalAndWait(each, 'SIGKILL', KILL_MS)));
}

/** For the moment in which node ends and nothing can be waited for any more. */
export function stopServerWithoutWaiting(server: ProcessIdentity): void {
  if (isRunning(server)) trySignal(server.pid, 'SIGINT');
}

export function hasExited(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}

function serverArguments(cluster: string, { port, isEphemeral }: ServerOptions): string[] {
  const settings = {
    listen_addresses: '127.0.0.1',
    port: String(port),
    // A socket's path may have about 100 bytes at most, which a project in a deep folder exceeds.
    unix_socket_directories: '',
    // Whatever the machine's zone: the compose file's server says UTC as well.
    timezone: 'UTC',
    log_timezone: 'UTC',
    // Still safe when only Postgres is killed: synchronous_commit stays on, so a commit is in the kernel's hands.
    ...(isEphemeral ? { fsync: 'off', full_page_writes: 'off' } : {}),
  };
  return ['-D', cluster, ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])];
}

async function signalAndWait(server: ProcessIdentity, signal: NodeJS.Signals, timeoutMs: number): Promise<boolean> {
  if (!isRunning(server)) return true;
  trySignal(server.pid, signal);
  const giveUpAt = performance.now() + timeoutMs;
  while (isRunning(server)) {
    if (performance.now() > giveUpAt) return false;
    await sleep(POLL_MS);
  }
  return true;
}

function trySignal(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    // It was faster.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

async function openLog(folder: DataFolder): Promise<FileHandle> {
  const { size } = await stat(folder.serverLog).catch(() => ({ size: 0 }));
  if (size > LOG_LIMIT_BYTES) await rename(folder.serverLog, `${folder.serverLog}.1`);
  // No symlinks: root may write here in a folder that belongs to somebody else.
  const flags = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | (constants.O_NOFOLLOW ?? 0);
  const file = await open(folder.serverLog, flags, 0o600);
  await giveTo(folder.account, folder.serverLog);
  return file;
}

async function readFrom(path: string, position: number): Promise<string> {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    const start = Math.max(position, size - LOG_TAIL_BYTES);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(LOG_TAIL_BYTES), 0, LOG_TAIL_BYTES, start);
    return buffer.toString('utf8', 0, bytesRead).trim();
  } finally {
    await file.close();
  }
}
