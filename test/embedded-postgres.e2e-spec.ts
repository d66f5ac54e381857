import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, chownSync, existsSync, lstatSync, mkdirSync, readFileSync, readdirSync, renameSync } from 'node:fs';
import { rmSync, statSync, writeFileSync } from 'node:fs';
import { type Server, createServer } from 'node:net';
import { delimiter, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import * as freePort from '../src/database/embedded-postgres/free-port.js';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../src/database/embedded-postgres/index.js';
import {
  type LauncherProject,
  type User,
  createLauncherProject,
  isAlive,
  query,
  waitFor,
} from './support/launcher-project.js';

jest.setTimeout(30_000);
jest.mock('../src/database/embedded-postgres/free-port.js', () => {
  const actual = jest.requireActual<typeof freePort>('../src/database/embedded-postgres/free-port.js');
  return { ...actual, findFreePort: jest.fn(actual.findFreePort) };
});

const isRoot = process.getuid?.() === 0;
const isLinux = process.platform === 'linux';
const hasSetpriv =
  isLinux && (process.env.PATH ?? '').split(delimiter).some((folder) => existsSync(join(folder, 'setpriv')));
/** Cases that this machine or user cannot make are reported as skipped, with the reason in their name. */
const itAsRoot = isRoot ? it : it.skip;
const itOnLinux = isLinux ? it : it.skip;
const itWithSetpriv = hasSetpriv ? it : it.skip;

/** Somebody who is not root: the user of the tests, or `nobody` if that is root. */
const ordinaryUser: User | undefined = isRoot ? { uid: 65534, gid: 65534 } : undefined;

let project: LauncherProject;
/** Filled by the first test that starts on it: later ones start in 0.2 s instead of 1.2 s. */
let warmDataDir: string;
const strangers: ChildProcess[] = [];
const servers: EmbeddedPostgres[] = [];
const listeners: Server[] = [];

const cluster = (dataDir: string) => join(dataDir, 'cluster');
const postmasterFile = (dataDir: string) => join(dataDir, 'cluster/postmaster.pid');
const ownerOf = (pid: number) => Number(/^Uid:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);

async function start(options: Partial<Parameters<typeof startEmbeddedPostgres>[0]> = {}): Promise<EmbeddedPostgres> {
  const server = await startEmbeddedPostgres({ dataDir: warmDataDir, ephemeral: true, ...options });
  servers.push(server);
  return server;
}

/** A program that has nothing to do with Postgres, of the account the cluster belongs to. */
function spawnStranger(dataDir: string): number {
  const { uid, gid } = statSync(cluster(dataDir));
  const stranger = spawn('sleep', ['60'], { stdio: 'ignore', ...(isRoot ? { uid, gid } : {}) });
  strangers.push(stranger);
  return stranger.pid ?? 0;
}

async function occupyPort(port: number): Promise<number> {
  const listener = createServer();
  listeners.push(listener);
  await new Promise<void>((resolve) => listener.listen(port, '127.0.0.1', resolve));
  const address = listener.address();
  return typeof address === 'object' && address ? address.port : 0;
}

beforeAll(async () => {
  project = createLauncherProject();
  warmDataDir = project.createDataDir();
  await (await start()).stop();
});

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.stop()));
  await Promise.all(listeners.splice(0).map((listener) => new Promise((resolve) => listener.close(resolve))));
  for (const stranger of strangers.splice(0)) stranger.kill('SIGKILL');
});

afterAll(() => project.remove());

describe('a start', () => {
  it('creates the database on 127.0.0.1, in a folder with spaces, without telling the password', async () => {
    const logs: string[] = [];
    const server = await start({ database: 'my "own" data', log: (message) => logs.push(message) });
    expect(server).toMatchObject({ isAdopted: false, version: expect.stringMatching(/^\d+\.\d+/) });
    expect(await query(server.url, 'SELECT current_database()')).toBe('my "own" data');
    expect(await query(server.url, "SELECT current_setting('listen_addresses')")).toBe('127.0.0.1');
    expect(await query(server.url, 'SHOW server_encoding')).toBe('UTF8');
    const { password } = new URL(server.url);
    expect(password).toHaveLength(32);
    expect([...logs, readFileSync(join(warmDataDir, 'server.log'), 'utf8')].join('\n')).not.toContain(password);
    expect(logs.join('\n')).toContain(`127.0.0.1:${server.port}`);
    expect(statSync(join(warmDataDir, 'credentials.json')).mode & 0o777).toBe(0o600);
  });

  it('refuses whoever lacks the password', async () => {
    const server = await start();
    const url = new URL(server.url);
    url.password = 'guessed';
    await expect(query(url.href, 'SELECT 1')).rejects.toMatchObject({ code: '28P01' });
  });

  it('keeps data, port and password across a clean stop', async () => {
    const first = await start();
    await query(first.url, 'CREATE TABLE kept AS SELECT 42 AS answer');
    await first.stop();
    await first.stop();
    expect(isAlive(first.pid)).toBe(false);
    expect(existsSync(postmasterFile(warmDataDir))).toBe(false);
    const second = await start();
    expect(second.url).toBe(first.url);
    expect(await query(second.url, 'SELECT answer FROM kept')).toBe(42);
  });

  it('takes the server that runs already, and leaves it to the one that started it', async () => {
    const first = await start();
    const second = await start();
    expect(second).toMatchObject({ isAdopted: true, pid: first.pid, url: first.url });
    await second.stop();
    expect(await query(first.url, 'SELECT 1')).toBe(1);
  });

  it('lets one of two processes start it and the other one use it', async () => {
    const dataDir = project.createDataDir();
    const launchers = [project.launch({ dataDir }), project.launch({ dataDir })];
    const results = await Promise.all(launchers.map((launcher) => launcher.started()));
    expect(results.map(({ isAdopted }) => isAdopted).sort()).toEqual([false, true]);
    expect(results[0]?.pid).toBe(results[1]?.pid);
    expect(await query(results[1]?.url ?? '', 'SELECT 1')).toBe(1);
    await Promise.all(launchers.map((launcher) => launcher.stop()));
  });

  it('can be called off, and leaves nothing behind', async () => {
    const dataDir = project.createDataDir();
    const abort = new AbortController();
    const starting = start({ dataDir, signal: abort.signal });
    const outcome = expect(starting).rejects.toMatchObject({ name: 'AbortError' });
    await waitFor('initdb', () => existsSync(dataDir) && readdirSync(dataDir).some((name) => name.includes('.new-')));
    abort.abort();
    await outcome;
    expect(readdirSync(dataDir)).toEqual(['credentials.json']);
  });

  it('can be called off while the server comes up', async () => {
    const abort = new AbortController();
    const starting = start({ signal: abort.signal });
    const outcome = expect(starting).rejects.toMatchObject({ name: 'AbortError' });
    await waitFor('the server', () => existsSync(postmasterFile(warmDataDir)));
    abort.abort();
    await outcome;
    expect(existsSync(postmasterFile(warmDataDir))).toBe(false);
    await start();
  });

  it('is not held up by the lock of a start that was killed', async () => {
    writeFileSync(join(warmDataDir, 'start.lock'), JSON.stringify({ pid: 2 ** 22 + 1, nonce: 'dead' }));
    const startedAt = Date.now();
    await start();
    expect(Date.now() - startedAt).toBeLessThan(5_000);
    expect(existsSync(join(warmDataDir, 'start.lock'))).toBe(false);
  });
});

describe('a stop', () => {
  itOnLinux('takes less than 10 s even if a backend does not react (Linux only)', async () => {
    const server = await start();
    const backend = Number(await query(server.url, 'SELECT pg_backend_pid()').then(() => hangingBackend(server.url)));
    process.kill(backend, 'SIGSTOP');
    const stoppedAt = Date.now();
    await server.stop();
    expect(Date.now() - stoppedAt).toBeLessThan(10_000);
    expect([isAlive(server.pid), isAlive(backend)]).toEqual([false, false]);
    expect(await query((await start()).url, 'SELECT 1')).toBe(1);
  });

  it('comes after the app has drained when Ctrl-C reaches the whole process group', async () => {
    const launcher = project.launch({ dataDir: warmDataDir, isGroupLeader: true });
    const { pid } = await launcher.started();
    process.kill(-(launcher.child.pid ?? 0), 'SIGINT');
    await launcher.report('drained');
    await launcher.report('stopped');
    expect(isAlive(pid)).toBe(false);
  });
});

describe('the user', () => {
  itAsRoot('may be root, also in a project that only root may enter (needs root)', async () => {
    const dataDir = join(project.folder, 'data/postgres');
    chmodSync(project.folder, 0o700);
    try {
      const launcher = project.launch({ dataDir });
      const { pid, url } = await launcher.started();
      if (isLinux) expect(ownerOf(pid)).not.toBe(0);
      expect(await query(url, 'SELECT 1')).toBe(1);
      await launcher.stop();
    } finally {
      chmodSync(project.folder, 0o755);
    }
  });

  itAsRoot('may be root first and the owner of the folder later (needs root)', async () => {
    const dataDir = project.copyDataDir(warmDataDir, ordinaryUser);
    const asRoot = project.launch({ dataDir });
    const first = await asRoot.started();
    if (isLinux) expect(ownerOf(first.pid)).toBe(ordinaryUser?.uid);
    await asRoot.stop();
    const asOwner = project.launch({ dataDir, user: ordinaryUser });
    expect((await asOwner.started()).url).toBe(first.url);
    await asOwner.stop();
  });

  it('may be an ordinary one', async () => {
    const launcher = project.launch({ dataDir: project.createDataDir(ordinaryUser), user: ordinaryUser });
    const { pid, url } = await launcher.started();
    if (isLinux) expect(ownerOf(pid)).toBe(ordinaryUser?.uid ?? process.getuid?.());
    expect(await query(url, 'SELECT 1')).toBe(1);
    await launcher.stop();
  });

  itAsRoot('may have no name, or is told so (needs root)', async () => {
    const user = { uid: 54_321, gid: 54_321 };
    const launcher = project.launch({ dataDir: project.createDataDir(user), user });
    // Containers often forbid the user namespace that gives it a name.
    const result = await launcher.started().catch((error: { code: string; message: string }) => error);
    if ('code' in result) expect(result).toMatchObject({ code: 'INITDB_FAILED', message: /\/etc\/passwd/ });
    else expect(ownerOf(result.pid)).toBe(54_321);
  });

  it('is told what to do about a folder that belongs to somebody else', async () => {
    const dataDir = project.createDataDir();
    // Another user's for `nobody`, read-only for the user of the tests.
    chmodSync(dirname(dataDir), 0o555);
    const launcher = project.launch({ dataDir, user: ordinaryUser });
    await expect(launcher.started()).rejects.toMatchObject({
      code: 'DATA_FOLDER_UNUSABLE',
      message: expect.stringContaining('choose another folder'),
    });
    chmodSync(dirname(dataDir), 0o755);
  });
});

describe('the binaries', () => {
  const libraries = () => join(project.binaries, 'native/lib');
  const links = () => readdirSync(libraries()).filter((name) => lstatSync(join(libraries(), name)).isSymbolicLink());
  const removeLinks = () => links().forEach((name) => rmSync(join(libraries(), name)));

  it('are repaired if the install script did not run', async () => {
    removeLinks();
    const launcher = project.launch({ dataDir: warmDataDir });
    await launcher.started();
    await launcher.stop();
    expect(links().length).toBeGreaterThan(0);
  });

  it('run from a read-only node_modules whose install script did not run', async () => {
    removeLinks();
    chmodSync(libraries(), 0o555);
    try {
      const dataDir = project.createDataDir(ordinaryUser);
      const launcher = project.launch({ dataDir, user: ordinaryUser });
      const { url } = await launcher.started();
      expect(await query(url, 'SELECT 1')).toBe(1);
      await launcher.stop();
      expect(links()).toEqual([]);
      expect(readdirSync(join(dataDir, 'lib')).length).toBeGreaterThan(0);
    } finally {
      chmodSync(libraries(), 0o755);
    }
  });

  it('may be those of a Postgres of the machine; without one, the message says what to do', async () => {
    const aside = `${project.binaries}.aside`;
    renameSync(project.binaries, aside);
    try {
      const launcher = project.launch({ dataDir: project.createDataDir() });
      const result = await launcher.started().catch((error: { code: string; message: string }) => error);
      if ('code' in result) {
        expect(result).toMatchObject({ code: 'NO_POSTGRES_FOUND' });
        expect(result.message).toContain('DATABASE_URL');
      } else {
        expect(Number.parseInt(result.version, 10)).toBeGreaterThanOrEqual(14);
        expect(await query(result.url, 'SELECT 1')).toBe(1);
        await launcher.stop();
      }
    } finally {
      renameSync(aside, project.binaries);
    }
  });

  it('start with a LANG that names a missing locale', async () => {
    const environment = { LANG: 'xx_YY.UTF-8', LC_ALL: 'xx_YY.UTF-8', LC_CTYPE: 'xx_YY.UTF-8' };
    const launcher = project.launch({ dataDir: project.createDataDir(), environment });
    const { url } = await launcher.started();
    expect(await query(url, "SELECT upper('ä')")).toBe('Ä');
    await launcher.stop();
  });
});

describe('after a kill -9', () => {
  itWithSetpriv('of node no server stays, and the next start goes on (needs setpriv)', async () => {
    const launcher = project.launch({ dataDir: warmDataDir });
    const { pid, url } = await launcher.started();
    await query(url, 'CREATE TABLE before_kill AS SELECT 1 AS one');
    await launcher.kill();
    await waitFor('the server to end', () => !isAlive(pid));
    expect(await query((await start()).url, 'SELECT one FROM before_kill')).toBe(1);
  });

  it('of node where nothing ends the server, the next start takes it over and stops it', async () => {
    const dataDir = project.copyDataDir(warmDataDir, ordinaryUser);
    // No PATH, no setpriv.
    const launcher = project.launch({ dataDir, environment: { PATH: '/missing' } });
    const { pid } = await launcher.started();
    await launcher.kill();
    await sleep(200);
    expect(isAlive(pid)).toBe(true);
    const next = await start({ dataDir });
    expect(next).toMatchObject({ isAdopted: true, pid });
    const afterThat = await start({ dataDir });
    await afterThat.stop();
    expect(isAlive(pid)).toBe(true);
    await next.stop();
    expect(isAlive(pid)).toBe(false);
  });

  it('of the server, the next start recovers', async () => {
    const messages: string[] = [];
    const server = await start({ log: (message) => messages.push(message) });
    await query(server.url, 'CREATE TABLE before_crash AS SELECT 1 AS one');
    process.kill(server.pid, 'SIGKILL');
    await waitFor('the notice', () => messages.some((message) => message.includes('SIGKILL')));
    await server.stop();
    expect(await query((await start()).url, 'SELECT one FROM before_crash')).toBe(1);
  });

  itOnLinux('of the server, the next start waits for a query that still runs (Linux only)', async () => {
    const server = await start();
    const backend = await hangingBackend(server.url, 1.5);
    process.kill(server.pid, 'SIGKILL');
    await waitFor('the end of the server', () => !isAlive(server.pid));
    // The worst case: the pid file names a stranger, but a process of the killed server still writes.
    replacePid(warmDataDir, spawnStranger(warmDataDir));
    expect(isAlive(backend)).toBe(true);
    const next = await start();
    expect(isAlive(backend)).toBe(false);
    expect(next.isAdopted).toBe(false);
  });

  itOnLinux('of initdb, the next start begins anew (Linux only)', async () => {
    const dataDir = project.createDataDir();
    const launcher = project.launch({ dataDir });
    let initdb: number[] = [];
    await waitFor('initdb', () => (initdb = findProcesses(`${dataDir}/cluster.new-`)).length > 0);
    await sleep(200);
    launcher.child.kill('SIGSTOP');
    initdb.forEach((pid) => process.kill(pid, 'SIGKILL'));
    await launcher.kill();
    expect(readdirSync(dataDir).join()).toContain('cluster.new-');
    const next = await start({ dataDir });
    expect(await query(next.url, 'SELECT 1')).toBe(1);
    expect(readdirSync(dataDir).join()).not.toContain('cluster.new-');
  });
});

describe('the data folder', () => {
  it('is used although its pid file names a process that is another program now', async () => {
    const server = await start();
    const file = readFileSync(postmasterFile(warmDataDir), 'utf8');
    await server.stop();
    writeFileSync(postmasterFile(warmDataDir), file);
    const { uid, gid } = statSync(cluster(warmDataDir));
    chownSync(postmasterFile(warmDataDir), uid, gid);
    const stranger = spawnStranger(warmDataDir);
    replacePid(warmDataDir, stranger);
    expect((await start()).isAdopted).toBe(false);
    expect(isAlive(stranger)).toBe(true);
  });

  it('is refused if another major made it', async () => {
    const versionFile = join(cluster(warmDataDir), 'PG_VERSION');
    const version = readFileSync(versionFile, 'utf8');
    writeFileSync(versionFile, '12\n');
    const before = readdirSync(warmDataDir);
    const outcome = start();
    await expect(outcome).rejects.toMatchObject({ code: 'WRONG_MAJOR_VERSION', message: /was made by Postgres 12/ });
    expect(readdirSync(warmDataDir)).toEqual(before);
    writeFileSync(versionFile, version);
  });

  it('is refused if something else is in its place', async () => {
    const dataDir = project.createDataDir();
    mkdirSync(cluster(dataDir), { recursive: true });
    writeFileSync(join(cluster(dataDir), 'thesis.txt'), 'the only copy');
    await expect(start({ dataDir })).rejects.toMatchObject({ code: 'DATA_FOLDER_UNUSABLE' });
    expect(readFileSync(join(cluster(dataDir), 'thesis.txt'), 'utf8')).toBe('the only copy');
  });

  it.each(['', '{"password":"not the one"}'])('keeps its data when its password is lost (%j is left)', async (left) => {
    const server = await start();
    await query(server.url, 'CREATE TABLE IF NOT EXISTS still_here AS SELECT 1 AS one');
    await server.stop();
    writeFileSync(join(warmDataDir, 'credentials.json'), left);
    expect(await query((await start()).url, 'SELECT one FROM still_here')).toBe(1);
  });
});

describe('the port', () => {
  it('is another one if the last one is taken', async () => {
    const first = await start();
    await first.stop();
    await occupyPort(first.port);
    const second = await start();
    expect(second.port).not.toBe(first.port);
    expect(await query(second.url, 'SELECT 1')).toBe(1);
  });

  it('is another one if somebody takes it at the last moment', async () => {
    const taken = await occupyPort(0);
    jest.mocked(freePort.findFreePort).mockResolvedValueOnce(taken);
    const server = await start();
    expect(server.port).not.toBe(taken);
  });

  it('is refused if it was asked for and is taken', async () => {
    const port = await occupyPort(0);
    await expect(start({ port })).rejects.toMatchObject({
      code: 'PORT_TAKEN',
      message: expect.stringContaining(`${port}`),
    });
  });

  it('is the one that was asked for', async () => {
    const port = await freePort.findFreePort(undefined);
    expect(await start({ port })).toMatchObject({ port });
  });
});

/** A backend that is busy for some seconds and looks at nothing meanwhile. */
async function hangingBackend(url: string, seconds = 20): Promise<number> {
  const loop = `DO $$ DECLARE ends timestamptz := clock_timestamp() + '${seconds} s'; BEGIN WHILE clock_timestamp() < ends LOOP END LOOP; END $$`;
  query(url, loop).catch(() => undefined);
  const find = "SELECT pid FROM pg_stat_activity WHERE query LIKE 'DO %' AND state = 'active'";
  for (;;) {
    const pid = await query(url, find);
    if (pid) return Number(pid);
  }
}

function replacePid(dataDir: string, pid: number): void {
  const [, ...rest] = readFileSync(postmasterFile(dataDir), 'utf8').split('\n');
  writeFileSync(postmasterFile(dataDir), [pid, ...rest].join('\n'));
}

function findProcesses(part: string): number[] {
  const commandLine = (pid: string) => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
    } catch {
      return '';
    }
  };
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && commandLine(name).includes(part) && Number(name) !== process.pid)
    .map(Number);
}
