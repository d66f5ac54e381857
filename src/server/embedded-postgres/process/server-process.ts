import { type ChildProcess, spawn } from 'node:child_process';
import { constants } from 'node:fs';
import { type FileHandle, open, rename, stat } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { DataFolder } from '../data-folder.js';
import { giveTo } from '../runtime/privileges.js';
import { type ProcessIdentity, identifyProcess, isRunning, listServerProcessesIn } from './process-identity.js';
import { readPostmasterFile } from './postmaster-file.js';
import type { Runtime } from '../runtime/runtime.js';

/** A server that this process has started. */
export interface ServerProcess {
  identity: ProcessIdentity;
  child: ChildProcess;
  /** Reads the last 8 KiB of what the server has logged since its start. */
  readLog(): Promise<string>;
}

export interface ServerOptions {
  port: number;
  isEphemeral: boolean;
}

const POLL_MS = 10;
const LOG_LIMIT_BYTES = 10 * 1024 * 1024;
const LOG_TAIL_BYTES = 8 * 1024;

/** Maximum times for the three steps of a stop. Together they take less than the 10 s within which stop() must finish. */
const FAST_SHUTDOWN_MS = 4_000;
const IMMEDIATE_SHUTDOWN_MS = 2_500;
const KILL_MS = 1_500;

/** Starts the postgres process. {@link waitUntilReady} determines whether the start succeeds. */
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
      // The server gets its own process group, because Ctrl-C is sent to the whole group, and the app must drain before Postgres
      // stops.
      detached: true,
      // The log is a file, because a pipe breaks when Node.js ends, and the server must be able to log its own shutdown.
      stdio: ['ignore', logFile.fd, logFile.fd],
      windowsHide: true,
    });
    await new Promise<void>((resolve, reject) => child.once('spawn', resolve).once('error', reject));
    // The server must not keep Node.js running.
    child.unref();
    return { identity: identifyProcess(child.pid ?? 0), child, readLog: () => readFrom(folder.serverLog, size) };
  } finally {
    await logFile.close();
  }
}

/** Waits until the server accepts connections. Returns false if the server ends before that. */
export async function waitUntilReady(server: ServerProcess, cluster: string, signal?: AbortSignal): Promise<boolean> {
  while (!hasExited(server.child)) {
    const file = readPostmasterFile(cluster);
    if (file?.pid === server.child.pid && file?.status === 'ready') return true;
    await sleep(POLL_MS, undefined, { signal });
  }
  return false;
}

/**
 * Stops a server within 10 s: by a fast shutdown (clean), then by an immediate one (the next start recovers), and then by
 * force.
 *
 * The postmaster is never killed alone, because its other processes would continue to write.
 */
export async function stopServer(server: ProcessIdentity, cluster: string): Promise<void> {
  if (await signalAndWait(server, 'SIGINT', FAST_SHUTDOWN_MS)) return;
  if (await signalAndWait(server, 'SIGQUIT', IMMEDIATE_SHUTDOWN_MS)) return;
  const others = listServerProcessesIn(cluster).filter((pid) => pid !== server.pid);
  const processes = [...others.map((pid) => identifyProcess(pid)), server];
  await Promise.all(processes.map((each) => signalAndWait(each, 'SIGKILL', KILL_MS)));
}

/** Sends the stop signal without waiting, because waiting is no longer possible when Node.js exits. */
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
    // There is no Unix socket, because its path is limited to about 100 bytes, and a deeply nested project folder can exceed it.
    unix_socket_directories: '',
    // The time zone does not depend on the machine. The server of the compose file uses UTC as well.
    timezone: 'UTC',
    log_timezone: 'UTC',
    // Data still survives if only Postgres is killed, because synchronous_commit stays on and the kernel has every commit.
    // The many services of a test run need more connections than the default of 100. Two services with pools of 100 connections
    // must still exceed the limit, because a test expects the warning about that.
    ...(isEphemeral ? { fsync: 'off', full_page_writes: 'off', max_connections: '190' } : {}),
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
    // ESRCH means that the process has already ended.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

async function openLog(folder: DataFolder): Promise<FileHandle> {
  const { size } = await stat(folder.serverLog).catch(() => ({ size: 0 }));
  if (size > LOG_LIMIT_BYTES) await rename(folder.serverLog, `${folder.serverLog}.1`);
  // Symlinks are not followed, because root may write here in a folder of another user.
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
