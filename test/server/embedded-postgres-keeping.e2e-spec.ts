import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { eventually } from '../support/eventually.js';
import { isAlive, waitFor } from '../support/launcher-project.js';
import { push, scrape, startServer, type TestServer, valueOn } from '../support/server.js';

describe('the embedded Postgres of services that run', () => {
  let folder: string;
  let first: TestServer;
  let second: TestServer;
  let pushed = 0;

  // The folder of the cluster exists already and is open to all users, so the server has to restrict it.
  beforeAll(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'custom-metrics-keeping-'));
    chmodSync(folder, 0o755);
    mkdirSync(path.join(folder, 'postgres'));
    chmodSync(path.join(folder, 'postgres'), 0o777);
    first = await start();
    second = await start();
  });

  afterAll(async () => {
    await Promise.all([first?.stop(), second?.stop()]);
    rmSync(folder, { recursive: true, force: true, maxRetries: 10 });
  });

  // The wait for Postgres is as short as that of a client.
  const start = () => startServer({ DATA_DIR: folder, STORE_WAIT_MS: '2000' });

  /** Returns the server's pid and port, as the server has written them. */
  function postmaster(): { pid: number; port: number } {
    const lines = readFileSync(path.join(folder, 'postgres/cluster/postmaster.pid'), 'utf8').split('\n');
    return { pid: Number(lines[0]), port: Number(lines[3]) };
  }

  /** Expects that acknowledged samples are counted once, and that everything works. */
  async function expectToWork(server: TestServer): Promise<void> {
    await eventually(async () => {
      const response = await push(server, [{ name: 'kept_total', value: 1 }], { 'Idempotency-Key': `push-${pushed}` });
      expect(response.status).toBe(202);
    });
    pushed++;
    await eventually(async () => expect(valueOn(await scrape(server), 'kept_total')).toBe(pushed));
    await eventually(async () => expect((await fetch(`${server.url}/health/ready`)).status).toBe(200));
  }

  test('is in a folder that no other user may enter, even if the folder was open before', () => {
    expect(statSync(path.join(folder, 'postgres')).mode & 0o777).toBe(0o700);
    expect(first.output()).toContain('was open to other users');
  });

  test('is restarted at its port by one of them when it is killed', async () => {
    await expectToWork(first);
    await expectToWork(second);
    const before = postmaster();
    process.kill(before.pid, 'SIGKILL');
    await waitFor('the end of the server', () => !isAlive(before.pid));
    await expectToWork(first);
    await expectToWork(second);
    const after = postmaster();
    expect(after.port).toBe(before.port);
    expect(after.pid).not.toBe(before.pid);
    expect(first.output().match(/has ended; restarting it/g)).toHaveLength(1);
  });

  test('continues for the second one when the first one stops', async () => {
    expect(await first.stop()).toBe(0);
    await expectToWork(second);
  });

  test('continues for a later one when its owner is killed', async () => {
    first = await start();
    await expectToWork(first);
    await second.kill();
    await expectToWork(first);
  });

  test('ends with the last of them', async () => {
    const { pid } = postmaster();
    expect(await first.stop()).toBe(0);
    expect(isAlive(pid)).toBe(false);
  });
});
