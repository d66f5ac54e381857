import pg from 'pg';
import { type DatabaseProxy, startDatabaseProxy } from '../support/database-proxy.js';
import { eventually } from '../support/eventually.js';
import { push, scrape, startServer, type TestServer, valueOn } from '../support/server.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';

const COMPACTING = { COMPACTION_HORIZON_SECONDS: '1', COMPACTION_INTERVAL_SECONDS: '1' };
const COMMIT = 'custom_metrics_append';

describe('a process that is cut off from Postgres while another one compacts', () => {
  let database: TestDatabase;
  let client: pg.Client;
  let proxy: DatabaseProxy;
  /** This server reaches Postgres through the proxy. */
  let server: TestServer;
  let other: TestServer;

  beforeEach(async () => {
    database = await createTestDatabase();
    client = new pg.Client({ connectionString: database.url });
    await client.connect();
    proxy = await startDatabaseProxy(database.url);
  });

  afterEach(async () => {
    await server.kill();
    await other.kill();
    await proxy.stop();
    await client.end();
    await database.drop();
  });

  async function start(waitMs: number): Promise<void> {
    // The other server compacts, because this one would hold the lock if it were frozen in the middle of a compaction.
    server = await startServer({
      DATABASE_URL: proxy.url,
      STORE_WAIT_MS: String(waitMs),
      COMPACTION_INTERVAL_SECONDS: '3600',
    });
    other = await startServer({ DATABASE_URL: database.url, ...COMPACTING });
    expect((await push(server, [{ name: 'cut_total', value: 0.1 }])).status).toBe(202);
  }

  async function waitForCompaction(): Promise<void> {
    await eventually(async () => {
      const { rows } = await client.query('SELECT 1 FROM sample_batch WHERE cardinality(series_ids) > 0');
      expect(rows).toEqual([]);
    });
  }

  async function expectEverywhere(values: readonly number[]): Promise<void> {
    const { rows } = await client.query<{ value: number }>('SELECT value FROM metric_sample ORDER BY value');
    expect(rows.map(({ value }) => value)).toEqual(values);
    const sum = values.reduce((total, value) => total + value, 0);
    await eventually(async () => {
      for (const each of [server, other]) expect(valueOn(await scrape(each), 'cut_total')).toBeCloseTo(sum, 12);
    });
  }

  test.each([
    ['does not store a row again that was committed and compacted before it could find out', 'answer-lost'],
    ['stores a row that never arrived, although its writer was compacted since', 'statement-lost'],
  ] as const)('%s', async (_title, fate) => {
    await start(30_000);
    const caught = proxy.catchNext([COMMIT], fate);
    const pushing = push(server, [{ name: 'cut_total', value: 2 }]);
    await caught;
    await waitForCompaction();
    proxy.reconnect();
    expect((await pushing).status).toBe(202);
    await expectEverywhere([0.1, 2]);
  });

  test('shows samples that others accepted and compacted in the meantime, and its counter never falls', async () => {
    await start(30_000);
    await eventually(async () => expect(valueOn(await scrape(other), 'cut_total')).toBe(0.1));
    server.process.kill('SIGSTOP');
    for (let index = 0; index < 20; index++) {
      expect(
        (
          await push(other, [
            { name: 'cut_total', value: 0.1 },
            { name: 'new_total', value: index },
          ])
        ).status,
      ).toBe(202);
    }
    await waitForCompaction();
    server.process.kill('SIGCONT');
    const falls: string[] = [];
    let last = 0;
    await eventually(
      async () => {
        const page = await scrape(server);
        const value = valueOn(page, 'cut_total')!;
        if (value < last) falls.push(`${last} → ${value}`);
        last = value;
        await push(server, [{ name: 'cut_total', value: 1e-9 }]);
        expect(server.output()).toContain('reloading the live values');
        expect(valueOn(page, 'new_total')).toBe(190);
      },
      { intervalMs: 20 },
    );
    expect(falls).toEqual([]);
    await eventually(async () => {
      const pages = await Promise.all([server, other].map((each) => scrape(each)));
      expect(valueOn(pages[0]!, 'cut_total')).toBe(valueOn(pages[1]!, 'cut_total'));
      expect(pages.map((page) => valueOn(page, 'new_total'))).toEqual([190, 190]);
      expect(server.output()).toContain('reloading the live values');
    });
  });
});
