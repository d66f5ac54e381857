import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  lstatSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import {
  isLinux,
  itAsRoot,
  itOnLinux,
  hangingBackend,
  ordinaryUser,
  ownerOf,
  postmasterFile,
  useLauncher,
} from '../support/launcher-fixture.js';
import { type User, isAlive, query, waitFor } from '../support/launcher-project.js';

const launcher = useLauncher();

describe('a start', () => {
  it('creates the database on 127.0.0.1, in a folder with spaces, without revealing the password', async () => {
    const logs: string[] = [];
    const server = await launcher.start({ database: 'my "own" data', log: (message) => logs.push(message) });
    expect(server).toMatchObject({ isAdopted: false, version: expect.stringMatching(/^\d+\.\d+/) });
    expect(await query(server.url, 'SELECT current_database()')).toBe('my "own" data');
    expect(await query(server.url, "SELECT current_setting('listen_addresses')")).toBe('127.0.0.1');
    expect(await query(server.url, 'SHOW server_encoding')).toBe('UTF8');
    const { password } = new URL(server.url);
    expect(password).toHaveLength(32);
    expect([...logs, readFileSync(join(launcher.warmDataDir, 'server.log'), 'utf8')].join('\n')).not.toContain(
      password,
    );
    expect(logs.join('\n')).toContain(`127.0.0.1:${server.port}`);
    expect(statSync(join(launcher.warmDataDir, 'credentials.json')).mode & 0o777).toBe(0o600);
  });

  it('refuses clients without the password', async () => {
    const server = await launcher.start();
    const url = new URL(server.url);
    url.password = 'guessed';
    await expect(query(url.href, 'SELECT 1')).rejects.toMatchObject({ code: '28P01' });
  });

  it('keeps data, port and password across a clean stop', async () => {
    const first = await launcher.start();
    await query(first.url, 'CREATE TABLE kept AS SELECT 42 AS answer');
    await first.stop();
    await first.stop();
    expect(isAlive(first.pid)).toBe(false);
    expect(existsSync(postmasterFile(launcher.warmDataDir))).toBe(false);
    const second = await launcher.start();
    expect(second.url).toBe(first.url);
    expect(await query(second.url, 'SELECT answer FROM kept')).toBe(42);
  });

  it('adopts a server that already runs, and leaves it to its owner', async () => {
    const first = await launcher.start();
    const second = await launcher.start();
    expect(second).toMatchObject({ isAdopted: true, pid: first.pid, url: first.url });
    await second.stop();
    expect(await query(first.url, 'SELECT 1')).toBe(1);
  });

  it('lets one of two processes start it and the other one use it', async () => {
    const dataDir = launcher.project.createDataDir();
    const nodes = [launcher.project.launch({ dataDir }), launcher.project.launch({ dataDir })];
    const results = await Promise.all(nodes.map((node) => node.started()));
    expect(results.map(({ isAdopted }) => isAdopted).filter(Boolean)).toEqual([true]);
    expect(results[0]?.pid).toBe(results[1]?.pid);
    expect(await query(results[1]?.url ?? '', 'SELECT 1')).toBe(1);
    await Promise.all(nodes.map((node) => node.stop()));
  });

  it('can be aborted, and leaves nothing running', async () => {
    const dataDir = launcher.project.createDataDir();
    const abort = new AbortController();
    const starting = launcher.start({ dataDir, signal: abort.signal });
    const outcome = expect(starting).rejects.toMatchObject({ name: 'AbortError' });
    await waitFor('initdb', () => existsSync(dataDir) && readdirSync(dataDir).some((name) => name.includes('.new-')));
    abort.abort();
    await outcome;
    expect(readdirSync(dataDir)).toEqual(['credentials.json']);
  });

  it('can be aborted while the server starts', async () => {
    const abort = new AbortController();
    const starting = launcher.start({ signal: abort.signal });
    const outcome = expect(starting).rejects.toMatchObject({ name: 'AbortError' });
    await waitFor('the server', () => existsSync(postmasterFile(launcher.warmDataDir)));
    abort.abort();
    await outcome;
    expect(existsSync(postmasterFile(launcher.warmDataDir))).toBe(false);
    await launcher.start();
  });

  it('is not delayed by the lock of a start that was killed', async () => {
    writeFileSync(join(launcher.warmDataDir, 'start.lock'), JSON.stringify({ pid: 2 ** 22 + 1, nonce: 'dead' }));
    // If the lock were still valid, the launcher would wait for longer than a test may take.
    await launcher.start();
    expect(existsSync(join(launcher.warmDataDir, 'start.lock'))).toBe(false);
  });
});

describe('a stop', () => {
  itOnLinux('also ends if a backend does not react (Linux only)', async () => {
    const server = await launcher.start();
    const backend = await hangingBackend(server.url, 20);
    process.kill(backend, 'SIGSTOP');
    const stoppedAt = Date.now();
    await server.stop();
    // The launcher promises 10 s; the rest is for a busy machine.
    expect(Date.now() - stoppedAt).toBeLessThan(20_000);
    expect([isAlive(server.pid), isAlive(backend)]).toEqual([false, false]);
    expect(await query((await launcher.start()).url, 'SELECT 1')).toBe(1);
  });

  it('comes after the app has drained when Ctrl-C reaches the whole process group', async () => {
    const node = launcher.project.launch({ dataDir: launcher.warmDataDir, isGroupLeader: true });
    const { pid } = await node.started();
    process.kill(-(node.child.pid ?? 0), 'SIGINT');
    await node.report('drained');
    await node.report('stopped');
    expect(isAlive(pid)).toBe(false);
  });
});

describe('the user', () => {
  itAsRoot('may be root, even in a project that only root may enter (needs root)', async () => {
    const dataDir = join(launcher.project.folder, 'data/postgres');
    chmodSync(launcher.project.folder, 0o700);
    try {
      const node = launcher.project.launch({ dataDir });
      const { pid, url } = await node.started();
      if (isLinux) expect(ownerOf(pid)).not.toBe(0);
      expect(await query(url, 'SELECT 1')).toBe(1);
      await node.stop();
    } finally {
      chmodSync(launcher.project.folder, 0o755);
    }
  });

  itAsRoot('may be root first and the owner of the folder later (needs root)', async () => {
    const dataDir = launcher.project.createDataDir(ordinaryUser);
    const asRoot = launcher.project.launch({ dataDir });
    const first = await asRoot.started();
    if (isLinux) expect(ownerOf(first.pid)).toBe(ordinaryUser?.uid);
    await asRoot.stop();
    const asOwner = launcher.project.launch({ dataDir, user: ordinaryUser });
    expect((await asOwner.started()).url).toBe(first.url);
    await asOwner.stop();
  });

  it('may be an ordinary one', async () => {
    const node = launcher.project.launch({ dataDir: launcher.project.createDataDir(ordinaryUser), user: ordinaryUser });
    const { pid, url } = await node.started();
    if (isLinux) expect(ownerOf(pid)).toBe(ordinaryUser?.uid ?? process.getuid?.());
    expect(await query(url, 'SELECT 1')).toBe(1);
    await node.stop();
  });

  itAsRoot('may have no name, or gets an error that says so (needs root)', async () => {
    const user = { uid: 54_321, gid: 54_321 };
    const node = launcher.project.launch({ dataDir: launcher.project.createDataDir(user), user });
    // Containers often forbid the user namespace that would give the uid a name.
    if (mayMakeUserNamespace(user)) expect(ownerOf((await node.started()).pid)).toBe(user.uid);
    else
      await expect(node.started()).rejects.toMatchObject({
        code: 'INITDB_FAILED',
        message: expect.stringContaining('/etc/passwd'),
      });
  });

  it('gets advice if the folder belongs to another user', async () => {
    const dataDir = launcher.project.createDataDir();
    // The launcher can't write to this folder: for `nobody`, it belongs to another user, and for any other user of the tests, it is
    // read-only.
    chmodSync(dirname(dataDir), 0o555);
    const node = launcher.project.launch({ dataDir, user: ordinaryUser });
    await expect(node.started()).rejects.toMatchObject({
      code: 'DATA_FOLDER_UNUSABLE',
      message: expect.stringContaining('choose another folder'),
    });
    chmodSync(dirname(dataDir), 0o755);
  });
});

describe('the binaries', () => {
  it('are repaired if the install script did not run', async () => {
    removeLinks();
    const node = launcher.project.launch({ dataDir: launcher.warmDataDir });
    expect((await node.started()).version).toBe(launcher.project.binariesVersion);
    await node.stop();
    expect(links().length).toBeGreaterThan(0);
  });

  it('run from a read-only node_modules whose install script did not run', async () => {
    removeLinks();
    chmodSync(libraries(), 0o555);
    try {
      const dataDir = launcher.project.createDataDir(ordinaryUser);
      const node = launcher.project.launch({ dataDir, user: ordinaryUser });
      expect((await node.started()).version).toBe(launcher.project.binariesVersion);
      await node.stop();
      expect(links()).toEqual([]);
      expect(readdirSync(join(dataDir, 'lib')).length).toBeGreaterThan(0);
    } finally {
      chmodSync(libraries(), 0o755);
    }
  });

  it('may be those of an installed Postgres; without one, the message says what to do', async () => {
    const aside = `${launcher.project.binaries}.aside`;
    renameSync(launcher.project.binaries, aside);
    try {
      const node = launcher.project.launch({ dataDir: launcher.project.createDataDir() });
      const result = await node.started().catch((error: { code: string; message: string }) => error);
      if ('code' in result) {
        expect(result).toMatchObject({ code: 'NO_POSTGRES_FOUND' });
        expect(result.message).toContain('DATABASE_URL');
      } else {
        expect(Number.parseInt(result.version, 10)).toBeGreaterThanOrEqual(14);
        expect(await query(result.url, 'SELECT 1')).toBe(1);
        await node.stop();
      }
    } finally {
      renameSync(aside, launcher.project.binaries);
    }
  });

  it('start with a LANG that names a missing locale', async () => {
    const environment = { LANG: 'xx_YY.UTF-8', LC_ALL: 'xx_YY.UTF-8', LC_CTYPE: 'xx_YY.UTF-8' };
    const node = launcher.project.launch({ dataDir: launcher.project.createDataDir(), environment });
    const { url } = await node.started();
    expect(await query(url, "SELECT upper('ä')")).toBe('Ä');
    await node.stop();
  });
});

function libraries(): string {
  return join(launcher.project.binaries, 'native/lib');
}

function links(): string[] {
  return readdirSync(libraries()).filter((name) => lstatSync(join(libraries(), name)).isSymbolicLink());
}

function removeLinks(): void {
  for (const name of links()) rmSync(join(libraries(), name));
}

function mayMakeUserNamespace(user: User): boolean {
  const args = ['--user', '--map-user=65534', '--map-group=65534', 'true'];
  return spawnSync('unshare', args, { ...user }).status === 0;
}
