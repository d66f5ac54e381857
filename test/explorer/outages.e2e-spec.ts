import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import pg from 'pg';
import type { Page } from 'playwright-core';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../src/server/embedded-postgres/index.js';
import { browserUnderTest, describeInBrowser, openSignedIn } from '../support/browser.js';
import { eventually } from '../support/eventually.js';
import { ADMIN_TOKEN, getJson, push, startServer, type TestServer } from '../support/server.js';
import { steadyPort } from '../support/steady-port.js';

describeInBrowser('the explorer on a bad day', () => {
  const browser = browserUnderTest();
  const servers: TestServer[] = [];
  let folder: string;
  let postgres: EmbeddedPostgres;
  let isStopped = false;

  beforeAll(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'custom-metrics-bad-day-'));
    postgres = await startPostgres(await steadyPort());
  });

  afterEach(async () => {
    await Promise.all(servers.splice(0).map((server) => server.kill()));
    expect(browser.complaints).toEqual([]);
  });

  afterAll(async () => {
    if (!isStopped) await postgres.stop();
    await rm(folder, { recursive: true, force: true, maxRetries: 10 });
  });

  const startPostgres = (port: number) => startEmbeddedPostgres({ dataDir: path.join(folder, 'postgres'), port });

  async function stopPostgres(): Promise<void> {
    await postgres.stop();
    isStopped = true;
  }

  async function startPostgresAgain(): Promise<void> {
    postgres = await startPostgres(postgres.port);
    isStopped = false;
  }

  async function start(settings: Record<string, string> = {}): Promise<TestServer> {
    const server = await startServer({ DATABASE_URL: postgres.url, STORE_WAIT_MS: '500', ...settings });
    servers.push(server);
    return server;
  }

  const open = (server: TestServer, hash: string) =>
    openSignedIn(browser, `${server.url}/explorer/${hash}`, ADMIN_TOKEN);

  /** Sets back the heartbeats of all processes but these. After its end, a process would otherwise be listed for three minutes. */
  async function forgetAllBut(...servers: TestServer[]): Promise<void> {
    const ids: number[] = [];
    for (const server of servers) {
      const { processes } = await getJson<{ processes: { id: number; isThis: boolean }[] }>(
        server,
        '/api/admin/storage',
      );
      ids.push(processes.find(({ isThis }) => isThis)!.id);
    }
    const client = new pg.Client({ connectionString: postgres.url });
    await client.connect();
    await client.query(`UPDATE sample_writer SET alive_at = now() - interval '4 minutes' WHERE NOT id = ANY ($1)`, [
      ids,
    ]);
    await client.end();
  }

  const banner = (page: Page) => page.locator('header ~ [role=status]').first();
  const chartOf = (page: Page, metric: string, sum: number) =>
    page.getByRole('figure', { name: new RegExp(`^${metric}: ${sum} added`) });
  const pushOne = (server: TestServer, name: string) =>
    eventually(async () => expect((await push(server, [{ name, value: 1 }])).status).toBe(202));

  test('says that Postgres is stopped, keeps the last picture, and recovers by itself', async () => {
    const server = await start();
    await pushOne(server, 'stopped_total');
    const page = await open(server, '#/explore?m0=stopped_total');
    await chartOf(page, 'stopped_total', 1).waitFor();
    await stopPostgres();
    await banner(page)
      .getByText(/Postgres has not answered/)
      .waitFor({ timeout: 60_000 });
    // Everything stays as it was, also after a request that failed.
    await page.keyboard.press('r');
    await chartOf(page, 'stopped_total', 1).waitFor();
    await page.getByRole('link', { name: 'Health' }).click();
    await page.getByText('Pushes are not accepted now').waitFor();
    await page.goBack();
    // The catalogue is in the memory of the service, so the page can still be opened.
    await page.getByRole('heading', { name: 'stopped_total' }).waitFor();

    await startPostgresAgain();
    await banner(page)
      .getByText(/Postgres/)
      .waitFor({ state: 'detached', timeout: 60_000 });
    await chartOf(page, 'stopped_total', 1).waitFor();
    await pushOne(server, 'stopped_total');
    await chartOf(page, 'stopped_total', 2).waitFor();
  });

  test('says that an answer takes long while Postgres is slow, keeps the last picture, and can cancel', async () => {
    // An answer that waits for a lock fails when STORE_WAIT_MS is over, and here it has to wait for longer than the page.
    const server = await start({ STORE_WAIT_MS: '60000' });
    await pushOne(server, 'slow_total');
    const page = await open(server, '#/explore?m0=slow_total');
    await chartOf(page, 'slow_total', 1).waitFor();
    await pushOne(server, 'slow_total');
    await chartOf(page, 'slow_total', 2).waitFor();
    const client = new pg.Client({ connectionString: postgres.url });
    await client.connect();
    try {
      await client.query('BEGIN; LOCK TABLE sample_batch IN ACCESS EXCLUSIVE MODE');
      await page.keyboard.press('r');
      const notice = page.getByText('The answer takes longer than usual.');
      await notice.first().waitFor();
      await chartOf(page, 'slow_total', 2).waitFor();
      const before = await notice.count();
      await page.getByRole('button', { name: 'Cancel' }).first().click();
      await eventually(async () => expect(await notice.count()).toBeLessThan(before));
    } finally {
      await client.query('ROLLBACK');
      await client.end();
    }
    await pushOne(server, 'slow_total');
    await chartOf(page, 'slow_total', 3).waitFor();
    await page.getByText('The answer takes longer than usual.').waitFor({ state: 'detached' });
  });

  test('goes on while another process is killed, and shows that it is gone', async () => {
    const [server, peer] = [await start(), await start()];
    await forgetAllBut(server, peer);
    await pushOne(peer, 'killed_total');
    const page = await open(server, '#/explore?m0=killed_total');
    await chartOf(page, 'killed_total', 1).waitFor();
    const health = await page.context().newPage();
    await health.goto(`${server.url}/explorer/#/health`);
    const processes = health.getByRole('row').filter({ has: health.locator('[data-label=Heartbeat]') });
    await eventually(async () => expect(await processes.count()).toBe(2));
    await peer.kill();
    await forgetAllBut(server);
    await eventually(async () => expect(await processes.count()).toBe(1), { limitMs: 60_000 });
    await pushOne(server, 'killed_total');
    await chartOf(page, 'killed_total', 2).waitFor();
    expect(await banner(page).innerText()).toBe('');
  });

  test('says that its own process is gone, keeps the last picture, and follows the next one at the same address', async () => {
    const PORT = String(await steadyPort());
    const server = await start({ PORT });
    await pushOne(server, 'gone_total');
    const page = await open(server, '#/explore?m0=gone_total');
    await chartOf(page, 'gone_total', 1).waitFor();
    await server.kill();
    await banner(page)
      .getByText(/The server has not answered since/)
      .waitFor({ timeout: 60_000 });
    await chartOf(page, 'gone_total', 1).waitFor();
    const next = await start({ PORT });
    await pushOne(next, 'gone_total');
    await banner(page)
      .getByText(/has not answered/)
      .waitFor({ state: 'detached', timeout: 60_000 });
    // The session is in the database, so nobody has to sign in again.
    await chartOf(page, 'gone_total', 2).waitFor();
  });
});
