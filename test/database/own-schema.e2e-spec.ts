import { execFile } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import path from 'node:path';
import pg from 'pg';
import { DataSource } from 'typeorm';
import { DatabaseSchema } from '../../src/database/schema/database-schema.js';
import { dataSourceOptions } from '../../src/server/database/data-source-options.js';
import { UNDOING_REFUSED, withoutCitus } from '../support/citus-database.js';
import { eventually } from '../support/eventually.js';
import { remove } from '../support/removal.js';
import {
  ADMIN_TOKEN,
  getJson,
  INGEST_TOKEN,
  push,
  scrape,
  startServer,
  type TestServer,
  valueOn,
} from '../support/server.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';

const run = promisify(execFile);
const ROOT = path.resolve(import.meta.dirname, '../..');
const CLI = path.resolve(ROOT, process.env.DIST_DIR ?? 'dist', 'server/cli.js');
const COMPACTING = { COMPACTION_HORIZON_SECONDS: '1', COMPACTION_INTERVAL_SECONDS: '1', CHUNK_PERIOD: '10s' };

describe('the server in a separate schema', () => {
  let database: TestDatabase;
  let client: pg.Client;
  const servers: TestServer[] = [];

  beforeEach(async () => {
    database = await createTestDatabase();
    client = new pg.Client({ connectionString: database.url });
    await client.connect();
    // A statement that does not name its schema no longer finds its tables, so nothing can depend on the search path.
    const { rows } = await client.query<{ name: string }>('SELECT current_database() AS name');
    await client.query(`ALTER DATABASE ${rows[0]!.name} SET search_path = ''`);
  });

  afterEach(async () => {
    await Promise.all(servers.splice(0).map((server) => server.kill()));
    await client.end();
    await database.drop();
  });

  async function start(settings: Record<string, string>): Promise<TestServer> {
    const server = await startServer({ DATABASE_URL: database.url, ...settings });
    servers.push(server);
    return server;
  }

  const count = async (from: string) =>
    Number((await client.query<{ n: string }>(`SELECT count(*) AS n FROM ${from}`)).rows[0]!.n);

  const pushPage = (server: TestServer, method: string, body: string) =>
    fetch(`${server.url}/metrics/job/batch`, { method, headers: { Authorization: INGEST_TOKEN }, body });

  test('does everything there, and changes nothing elsewhere', async () => {
    const settings = { DATABASE_SCHEMA: 'Kept_here', ...COMPACTING };
    // Two processes that start at the same time create the schema only once.
    const [one, other] = await Promise.all([start(settings), start(settings)]);
    for (const server of [one, other]) {
      const keyed = { 'Idempotency-Key': 'once' };
      const metrics = [
        { name: 'sold_total', value: 2 },
        { name: 'level', value: 5 },
      ];
      expect((await push(server, metrics, keyed)).status).toBe(202);
      expect((await push(server, [{ name: 'sold_total', value: 1 }])).status).toBe(202);
    }
    expect((await pushPage(one, 'PUT', 'batch_size 7\n')).status).toBe(200);
    await eventually(async () => {
      for (const server of [one, other]) {
        const page = await scrape(server);
        expect([valueOn(page, 'sold_total'), valueOn(page, 'level')]).toEqual([4, 5]);
        expect(valueOn(page, 'batch_size{job="batch"}')).toBe(7);
      }
    });
    await eventually(async () => expect(await count('"Kept_here".sample_block')).toBeGreaterThan(0));
    await eventually(async () => expect(await count('"Kept_here".sample_batch')).toBe(0));

    const query = encodeURIComponent('sold_total');
    const answer = await getJson<{ data: { result: { value: [number, string] }[] } }>(
      one,
      `/api/v1/query?query=${query}`,
    );
    expect(answer.data.result.map(({ value }) => value[1])).toEqual(['4']);
    const { samples } = await getJson<{ samples: unknown[] }>(other, '/api/history/samples?metric=sold_total');
    expect(samples).toHaveLength(3);
    expect(await count(`"Kept_here".metric_sample WHERE metric = 'sold_total'`)).toBe(3);

    expect((await remove(one, 'level')).body).toMatchObject({ dryRun: false, seriesCount: 1 });
    expect((await pushPage(one, 'DELETE', '')).status).toBe(202);
    await eventually(async () => expect(valueOn(await scrape(other), 'level')).toBeUndefined());

    expect(await Promise.all([one, other].map((server) => server.stop()))).toEqual([0, 0]);
    const again = await start(settings);
    expect(valueOn(await scrape(again), 'sold_total')).toBe(4);

    const env = { PATH: process.env.PATH, DATABASE_URL: database.url, DATABASE_SCHEMA: 'Kept_here' };
    const list = await run(process.execPath, [CLI, 'tokens', 'list'], { env });
    expect(list.stdout.trim().split('\n')).toHaveLength(2);
    const migrated = await run(process.execPath, [CLI, 'migrate'], { env });
    expect(migrated.stdout).toContain('up to date');

    for (const table of ['metric', 'series', 'api_token', 'sample_writer', 'sample_batch', 'ingest_receipt'])
      expect([table, await count(`public.${table}`)]).toEqual([table, 0]);
    expect([one, other, again].map((server) => server.output()).join('')).not.toMatch(/"level":"(?:warn|error)"/);
  });

  test('lets two servers share a database, and neither waits for the other', async () => {
    const one = await start({ DATABASE_SCHEMA: 'one', ...COMPACTING });
    await push(one, [{ name: 'sold_total', value: 1 }]);
    // A process that holds the locks of `public` does not block the processes here.
    await client.query(
      'SELECT pg_advisory_lock(7203117000), pg_advisory_lock(7203117001), pg_advisory_lock(7203117002)',
    );
    const two = await start({ DATABASE_SCHEMA: 'two', ...COMPACTING });
    await push(two, [{ name: 'sold_total', value: 10 }]);
    for (const [server, schema, value] of [
      [one, 'one', 1],
      [two, 'two', 10],
    ] as const) {
      await eventually(async () => expect(await count(`${schema}.sample_batch`)).toBe(0));
      expect(valueOn(await scrape(server), 'sold_total')).toBe(value);
      expect(await count(`${schema}.metric_sample`)).toBe(1);
    }
  });

  test('holds a push while the schema is missing, as it is while a backup is being restored', async () => {
    const server = await start({ DATABASE_SCHEMA: 'kept', STORE_WAIT_MS: '15000' });
    await push(server, [{ name: 'sold_total', value: 1 }]);
    await client.query('ALTER SCHEMA kept RENAME TO away');
    const held = push(server, [{ name: 'sold_total', value: 2 }]);
    await sleep(500);
    await client.query('ALTER SCHEMA away RENAME TO kept');
    expect((await held).status).toBe(202);
    expect(valueOn(await scrape(server), 'sold_total')).toBe(3);
  });

  withoutCitus(UNDOING_REFUSED)(
    'upgrades a database whose functions follow the search path, and its samples stay',
    async () => {
      const { rows } = await client.query<{ name: string }>('SELECT current_database() AS name');
      await client.query(`ALTER DATABASE ${rows[0]!.name} SET search_path = public`);
      // The samples stay in the log, because the older version cannot read blocks.
      const before = await start({});
      await push(before, [{ name: 'sold_total', value: 3 }]);
      await before.stop();
      const schema = new DatabaseSchema('public');
      const dataSource = await new DataSource(dataSourceOptions(database.url, schema, 2)).initialize();
      const firstUndone = dataSource.migrations.findIndex(({ name }) => name === 'QualifyFunctions1764400000000');
      for (const _ of dataSource.migrations.slice(firstUndone)) await dataSource.undoLastMigration();
      await dataSource.destroy();
      const appendOf = async () =>
        (
          await client.query<{ body: string }>(
            `SELECT prosrc AS body FROM pg_proc WHERE proname = 'custom_metrics_append'`,
          )
        ).rows[0]!.body;
      expect(await appendOf()).toContain('INTO sample_batch');

      const after = await start(COMPACTING);
      expect(await appendOf()).toContain('INTO public.sample_batch');
      await push(after, [{ name: 'sold_total', value: 4 }]);
      expect(valueOn(await scrape(after), 'sold_total')).toBe(7);
      await eventually(async () => expect(await count('public.sample_batch')).toBe(0));
      expect(await count('public.metric_sample')).toBe(2);
    },
  );

  test('keeps its tables in the schema of the search path by default, and reports a search path without a schema', async () => {
    await expect(start({})).rejects.toThrow('Set DATABASE_SCHEMA');
    const { rows } = await client.query<{ name: string }>('SELECT current_database() AS name');
    await client.query(`ALTER DATABASE ${rows[0]!.name} SET search_path = public`);
    const server = await start({});
    await push(server, [{ name: 'sold_total', value: 1 }]);
    expect(await count('public.metric_sample')).toBe(1);
    expect((await fetch(`${server.url}/api/admin/tokens`, { headers: { Authorization: ADMIN_TOKEN } })).status).toBe(
      200,
    );
  });
});
