import { chmodSync, chownSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import * as freePort from '../../src/server/embedded-postgres/free-port.js';
import { EmbeddedPostgresError } from '../../src/server/embedded-postgres/index.js';
import {
  cluster,
  findProcesses,
  hangingBackend,
  itOnLinux,
  itWithSetpriv,
  ordinaryUser,
  postmasterFile,
  replacePid,
  useLauncher,
} from '../support/launcher-fixture.js';
import { isAlive, query, waitFor } from '../support/launcher-project.js';

jest.mock('../../src/server/embedded-postgres/free-port.js', () => {
  const actual = jest.requireActual<typeof freePort>('../../src/server/embedded-postgres/free-port.js');
  return { ...actual, findFreePort: jest.fn(actual.findFreePort) };
});

const launcher = useLauncher();

/** Lists the files that initdb has written so far. */
function draftFiles(dataDir: string): string[] {
  const draft = readdirSync(dataDir).find((name) => name.startsWith('cluster.new-'));
  return draft === undefined ? [] : readdirSync(join(dataDir, draft));
}

describe('after a kill -9', () => {
  itWithSetpriv('of node, no server keeps running, and the next start works (needs setpriv)', async () => {
    const node = launcher.project.launch({ dataDir: launcher.warmDataDir });
    const { pid, url } = await node.started();
    await query(url, 'CREATE TABLE before_kill AS SELECT 1 AS one');
    await node.kill();
    await waitFor('the server to end', () => !isAlive(pid));
    expect(await query((await launcher.start()).url, 'SELECT one FROM before_kill')).toBe(1);
  });

  it('of node, if nothing ends the server, the next start takes it over and stops it', async () => {
    const dataDir = launcher.project.copyDataDir(launcher.warmDataDir, ordinaryUser);
    // With this PATH, the process finds no setpriv.
    const node = launcher.project.launch({ dataDir, environment: { PATH: '/missing' } });
    const { pid } = await node.started();
    await node.kill();
    const next = await launcher.start({ dataDir });
    expect(next).toMatchObject({ isAdopted: true, pid });
    const afterThat = await launcher.start({ dataDir });
    await afterThat.stop();
    expect(isAlive(pid)).toBe(true);
    await next.stop();
    expect(isAlive(pid)).toBe(false);
  });

  it('of the server, the next start recovers', async () => {
    const messages: string[] = [];
    const server = await launcher.start({ log: (message) => messages.push(message) });
    await query(server.url, 'CREATE TABLE before_crash AS SELECT 1 AS one');
    process.kill(server.pid, 'SIGKILL');
    await waitFor('the notice', () => messages.some((message) => message.includes('SIGKILL')));
    await server.stop();
    expect(await query((await launcher.start()).url, 'SELECT one FROM before_crash')).toBe(1);
  });

  itOnLinux('of the server, the next start waits for a query that still runs (Linux only)', async () => {
    const server = await launcher.start();
    const backend = await hangingBackend(server.url, 60);
    process.kill(server.pid, 'SIGKILL');
    await waitFor('the end of the server', () => !isAlive(server.pid));
    // This is the worst case: the pid file contains the pid of another program, but a process of the killed server still writes.
    replacePid(launcher.warmDataDir, launcher.spawnStranger(launcher.warmDataDir));
    expect(isAlive(backend)).toBe(true);
    const logs: string[] = [];
    const starting = launcher.start({ log: (message) => logs.push(message) });
    await waitFor('the wait', () => logs.join().includes(`(pid ${backend})`));
    process.kill(backend, 'SIGKILL');
    expect((await starting).isAdopted).toBe(false);
  });

  itOnLinux('of initdb, the next start begins again (Linux only)', async () => {
    const dataDir = launcher.project.createDataDir();
    const node = launcher.project.launch({ dataDir });
    const initdb = () => findProcesses(`${dataDir}/cluster.new-`);
    await waitFor('initdb', () => initdb().length > 0);
    await waitFor('its first files', () => draftFiles(dataDir).length > 0);
    node.child.kill('SIGSTOP');
    initdb().forEach(kill);
    await node.kill();
    expect(readdirSync(dataDir).join()).toContain('cluster.new-');
    const next = await launcher.start({ dataDir });
    expect(await query(next.url, 'SELECT 1')).toBe(1);
    expect(readdirSync(dataDir).join()).not.toContain('cluster.new-');
  });

  it('of initdb, the next start waits until its remaining processes no longer write', async () => {
    const dataDir = launcher.project.createDataDir();
    const draft = join(dataDir, 'cluster.new-1', 'base');
    mkdirSync(draft, { recursive: true });
    launcher.spawnWriter(draft, 1_000);
    await waitFor('the first file', () => readdirSync(draft).length > 0);
    const next = await launcher.start({ dataDir });
    expect(await query(next.url, 'SELECT 1')).toBe(1);
    expect(readdirSync(dataDir).join()).not.toContain('cluster.new-');
  });
});

describe('the data folder', () => {
  it('is used even if the process in its pid file is now another program', async () => {
    const server = await launcher.start();
    const file = readFileSync(postmasterFile(launcher.warmDataDir), 'utf8');
    await server.stop();
    writeFileSync(postmasterFile(launcher.warmDataDir), file);
    const { uid, gid } = statSync(cluster(launcher.warmDataDir));
    chownSync(postmasterFile(launcher.warmDataDir), uid, gid);
    const stranger = launcher.spawnStranger(launcher.warmDataDir);
    replacePid(launcher.warmDataDir, stranger);
    expect((await launcher.start()).isAdopted).toBe(false);
    expect(isAlive(stranger)).toBe(true);
  });

  it('is refused if another major version created it', async () => {
    const versionFile = join(cluster(launcher.warmDataDir), 'PG_VERSION');
    const version = readFileSync(versionFile, 'utf8');
    writeFileSync(versionFile, '12\n');
    const before = readdirSync(launcher.warmDataDir);
    const refusal = await launcher.start().catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(EmbeddedPostgresError);
    expect(refusal).toMatchObject({
      code: 'WRONG_MAJOR_VERSION',
      message: expect.stringContaining('was created by Postgres 12'),
    });
    expect(readdirSync(launcher.warmDataDir)).toEqual(before);
    writeFileSync(versionFile, version);
  });

  it('is refused if there is other content at its path', async () => {
    const dataDir = launcher.project.createDataDir();
    mkdirSync(cluster(dataDir), { recursive: true });
    writeFileSync(join(cluster(dataDir), 'thesis.txt'), 'the only copy');
    await expect(launcher.start({ dataDir })).rejects.toMatchObject({ code: 'DATA_FOLDER_UNUSABLE' });
    expect(readFileSync(join(cluster(dataDir), 'thesis.txt'), 'utf8')).toBe('the only copy');
  });

  (process.getuid === undefined ? it.skip : it)('is refused if every user may replace it', async () => {
    const dataDir = launcher.project.createDataDir();
    chmodSync(dirname(dataDir), 0o777);
    await expect(launcher.start({ dataDir })).rejects.toMatchObject({
      code: 'DATA_FOLDER_UNUSABLE',
      message: expect.stringContaining(`chmod o-w ${dirname(dataDir)}`),
    });
    chmodSync(dirname(dataDir), 0o1777);
    await launcher.start({ dataDir });
    expect(statSync(dataDir).mode & 0o777).toBe(0o700);
  });

  it.each(['', '{"password":"not the one"}'])('keeps its data when its password is lost (%j is left)', async (left) => {
    const server = await launcher.start();
    await query(server.url, 'CREATE TABLE IF NOT EXISTS still_here AS SELECT 1 AS one');
    await server.stop();
    writeFileSync(join(launcher.warmDataDir, 'credentials.json'), left);
    expect(await query((await launcher.start()).url, 'SELECT one FROM still_here')).toBe(1);
  });
});

describe('the port', () => {
  it('is another one if the last one is taken', async () => {
    const first = await launcher.start();
    await first.stop();
    await launcher.occupyPort(first.port);
    const second = await launcher.start();
    expect(second.port).not.toBe(first.port);
    expect(await query(second.url, 'SELECT 1')).toBe(1);
  });

  it('is another one if it is taken at the last moment', async () => {
    const taken = await launcher.occupyPort(0);
    jest.mocked(freePort.findFreePort).mockResolvedValueOnce(taken);
    const server = await launcher.start();
    expect(server.port).not.toBe(taken);
  });

  it('is refused if it was requested and is taken', async () => {
    const port = await launcher.occupyPort(0);
    await expect(launcher.start({ port })).rejects.toMatchObject({
      code: 'PORT_TAKEN',
      message: expect.stringContaining(`${port}`),
    });
  });

  it('is the requested one', async () => {
    const port = await freePort.findFreePort(undefined);
    expect(await launcher.start({ port })).toMatchObject({ port });
  });
});

/** Kills a process if it still exists. The processes of initdb may end by themselves at any moment. */
function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
