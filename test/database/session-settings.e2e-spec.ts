import pg from 'pg';
import { DataSource } from 'typeorm';
import { customMetricsDataSource } from '../../src/index.js';
import { DatabaseSchema } from '../../src/database/schema/database-schema.js';
import { openSchema } from '../../src/database/schema/open-schema.js';
import { eventually } from '../support/eventually.js';
import { startHost } from '../support/host-app.js';
import { remove } from '../support/removal.js';
import { getJson, INGEST_TOKEN, type Item, push, scrape, startServer, type TestServer } from '../support/server.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';

const DAY_MS = 24 * 3600 * 1000;

/** The beginning of the day before yesterday, by UTC. */
const DAY = (Math.floor(Date.now() / DAY_MS) - 2) * DAY_MS;

/** The number of a day in its year, where February always has 28 days, as in POSIX' description of time zones. */
const dayOfYear = new Date(DAY).toLocaleString('en', { timeZone: 'UTC', month: 'numeric', day: 'numeric' });
const [month, day] = dayOfYear.split('/').map(Number) as [number, number];
const SPRING = (Date.UTC(2025, month - 1, day) - Date.UTC(2025, 0, 1)) / DAY_MS + 1;

/** A zone whose clocks are put forward at noon of {@link DAY}, so that this day has 23 hours. */
const SHORT_DAY = `AAA0BBB,J${SPRING}/12,J${((SPRING + 180) % 365) + 1}/12`;

/** Settings that change what a statement means or how Postgres writes its result. */
const SETTINGS = {
  array_nulls: 'off',
  backslash_quote: 'on',
  bytea_output: 'escape',
  client_encoding: 'LATIN1',
  DateStyle: 'German, DMY',
  default_transaction_isolation: 'serializable',
  escape_string_warning: 'off',
  extra_float_digits: '-15',
  IntervalStyle: 'sql_standard',
  quote_all_identifiers: 'on',
  row_security: 'off',
  // A start that migrates takes longer.
  statement_timeout: '250ms',
  standard_conforming_strings: 'off',
  TimeZone: SHORT_DAY,
  transform_null_equals: 'on',
};

/** Each statement that defines something takes longer than `statement_timeout` of {@link SETTINGS} allows. */
const SLOW_DEFINITIONS = `
  CREATE SCHEMA slow;
  CREATE FUNCTION slow.wait() RETURNS event_trigger LANGUAGE plpgsql AS
    $$ BEGIN IF tg_tag = 'CREATE VIEW' THEN PERFORM pg_sleep(0.4); END IF; END $$;
  CREATE EVENT TRIGGER slow ON ddl_command_start EXECUTE FUNCTION slow.wait()`;

const COMPACTING = { COMPACTION_HORIZON_SECONDS: '1', COMPACTION_INTERVAL_SECONDS: '1', CHUNK_PERIOD: '1d' };

/** Numbers with all the digits that a double can have, and texts that are syntax elsewhere. */
const ITEMS: readonly Item[] = [
  { name: 'set_level', type: 'gauge', value: 0.1 + 0.2, timestamp: DAY + 60_000, labels: { text: 'NULL' } },
  {
    name: 'set_level',
    type: 'gauge',
    value: Math.PI * 1e-300,
    timestamp: DAY + DAY_MS - 60_000,
    labels: { text: 'NULL' },
  },
  {
    name: 'set_level',
    type: 'gauge',
    value: 2 ** 53 - 1,
    timestamp: DAY + 60_000,
    labels: { text: String.raw`\'a\b"{}` },
  },
  { name: 'set_total', type: 'counter', value: 0.1, timestamp: DAY + 120_000, labels: { text: 'ü中' } },
  { name: 'set_total', type: 'counter', value: 0.7, timestamp: DAY + 180_000, labels: { text: 'ü中' } },
  { name: 'set_seen', type: 'counter', temporality: 'cumulative', value: 1 / 3, timestamp: DAY + 180_000, labels: {} },
  { name: 'set_gone', type: 'counter', value: 1, timestamp: DAY + 180_000, labels: {} },
];

describe('a database whose settings change the meaning of statements', () => {
  const databases: TestDatabase[] = [];
  const servers: TestServer[] = [];

  async function start(database: TestDatabase): Promise<TestServer> {
    const server = await startServer({ DATABASE_URL: database.url, ...COMPACTING });
    servers.push(server);
    return server;
  }

  afterEach(async () => {
    await Promise.all(servers.splice(0).map((server) => server.kill()));
    await Promise.all(databases.splice(0).map((database) => database.drop()));
  });

  async function query(database: TestDatabase, ...statements: string[]): Promise<pg.QueryResult[]> {
    const client = new pg.Client({ connectionString: database.url, statement_timeout: 60_000 });
    await client.connect();
    const results: pg.QueryResult[] = [];
    for (const statement of statements) results.push(await client.query(statement));
    await client.end();
    return results;
  }

  async function createDatabase(settings: Readonly<Record<string, string>> = {}): Promise<TestDatabase> {
    const database = await createTestDatabase({ isEmpty: true });
    databases.push(database);
    await set(database, settings);
    return database;
  }

  async function set(database: TestDatabase, settings: Readonly<Record<string, string>>): Promise<void> {
    const name = new URL(database.url).pathname.slice(1);
    const alter = Object.entries(settings).map(
      ([setting, value]) => `ALTER DATABASE "${name}" SET ${setting} = ${pg.escapeLiteral(value)}`,
    );
    await query(database, ...alter);
  }

  async function untilCompacted(database: TestDatabase): Promise<void> {
    await eventually(async () => {
      const [batches] = await query(database, 'SELECT 1 FROM sample_batch');
      expect(batches!.rows).toEqual([]);
    });
  }

  /** Returns everything that can be read about the metrics of this test, without the times at which they were pushed. */
  async function answersOf(server: TestServer): Promise<unknown> {
    const page = (await scrape(server)).split('\n').filter((line) => line.includes('set_'));
    const range = (from: number, to: number) => `from=${from}&to=${to}`;
    const paths = [
      ...['set_level', 'set_total', 'set_seen'].flatMap((metric) => [
        `/api/history/samples?metric=${metric}&${range(DAY, DAY + 90_000)}`,
        `/api/history/samples?metric=${metric}&${range(DAY, DAY + DAY_MS)}`,
        `/api/history/query?metric=${metric}&${range(DAY, DAY + DAY_MS)}&step=1h`,
      ]),
      `/api/v1/query?query=last_over_time(set_level[1m])&time=${(DAY + 61_000) / 1_000}`,
      `/api/v1/query_range?query=set_total&start=${DAY / 1_000}&end=${DAY / 1_000 + 3_600}&step=60`,
      `/api/v1/series?match[]={__name__=~"set_.*"}&start=${DAY / 1_000}&end=${DAY / 1_000 + 90}`,
      '/api/history/metrics',
    ];
    const answers: unknown[] = [];
    for (const path of paths) answers.push(await getJson(server, path));
    const text = JSON.stringify({ page, answers }).replaceAll(/"(createdAt|updatedAt|lastPushAt)":"[^"]*"/g, '"$1":""');
    return JSON.parse(text);
  }

  /** Does the same on each database, and returns the answers before and after the compaction and a restart. */
  async function livesOf(database: TestDatabase): Promise<unknown[]> {
    const first = await start(database);
    const keyed = { 'Idempotency-Key': 'once' };
    for (const headers of [keyed, keyed]) {
      const response = await push(first, ITEMS, headers);
      expect([response.status, await response.text()]).toEqual([202, '']);
    }
    const page = await fetch(`${first.url}/metrics/job/set`, {
      method: 'PUT',
      headers: { Authorization: INGEST_TOKEN },
      body: 'set_pushed 1.1\n',
    });
    expect(page.status).toBe(200);
    expect((await remove(first, 'set_gone')).body).toMatchObject({ dryRun: false, seriesCount: 1 });
    const lives = [await answersOf(first)];
    await untilCompacted(database);
    lives.push(await answersOf(first));
    expect(await first.stop()).toBe(0);
    const second = await start(database);
    lives.push(await answersOf(second));
    for (const server of [first, second]) expect(server.output()).not.toMatch(/"level":"(?:warn|error)"/);
    return lives;
  }

  test('gives the same answers as any other, from its first migration on', async () => {
    const odd = await createDatabase(SETTINGS);
    await query(odd, SLOW_DEFINITIONS);
    const plain = await livesOf(await createDatabase());
    expect(JSON.stringify(plain[0])).toContain('0.30000000000000004');
    expect(await livesOf(odd)).toEqual(plain);
  });

  test('has no day of 23 hours for the sessions of a host either', async () => {
    const database = await createTestDatabase();
    databases.push(database);
    const server = await start(database);
    expect((await push(server, ITEMS.slice(0, 2))).status).toBe(202);
    await untilCompacted(database);
    expect(await server.stop()).toBe(0);
    await set(database, { TimeZone: SHORT_DAY });
    const host = await startHost({ databaseUrl: database.url });
    try {
      const token = await host.token('read');
      const samples = await host.request(
        'GET',
        `/api/history/samples?metric=set_level&from=${DAY}&to=${DAY + 90_000}`,
        {
          token,
        },
      );
      expect(JSON.parse(samples.text)).toMatchObject({ samples: [{ value: 0.1 + 0.2 }] });
    } finally {
      await host.stop();
    }
  });

  test.each([
    ['array_nulls', 'off', 'off'],
    ['DateStyle', 'German', 'German'],
  ])('is refused with what to do if a host connects to it by itself, and %s is %s', async (setting, value, shown) => {
    const database = await createDatabase({ [setting]: value });
    const own = await new DataSource({
      ...customMetricsDataSource(database.url),
      entities: [],
      migrations: [],
    }).initialize();
    const host = await new DataSource({ type: 'postgres', url: database.url }).initialize();
    const open = (dataSource: DataSource) =>
      openSchema(
        { dataSource, name: 'default', schema: undefined, migrationsRun: true },
        { entities: [], migrations: [] },
      );
    try {
      await expect(open(host)).rejects.toThrow(
        new RegExp(`have ${setting} = ${shown}.*customMetricsDataSource.*ALTER DATABASE … RESET ${setting}`),
      );
      expect(await open(own)).toBeInstanceOf(DatabaseSchema);
    } finally {
      await Promise.all([own.destroy(), host.destroy()]);
    }
  });
});
