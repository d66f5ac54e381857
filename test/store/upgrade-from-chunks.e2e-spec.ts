import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { DataSource } from 'typeorm';
import { CUSTOM_METRICS_MIGRATIONS } from '../../src/custom-metrics.migrations.js';
import { DatabaseSchema } from '../../src/database/schema/database-schema.js';
import { dataSourceOptions } from '../../src/server/database/data-source-options.js';
import { eventually } from '../support/eventually.js';
import { OlderProcess } from '../support/older-process.js';
import { ADMIN_TOKEN, getJson, push, scrape, startServer, type TestServer, valueOn } from '../support/server.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';

const COMPACTING = { COMPACTION_HORIZON_SECONDS: '1', COMPACTION_INTERVAL_SECONDS: '2', CHUNK_PERIOD: '10s' };
const DAY = 86_400_000;
const SERIES = 80;
const DAYS = 3;
const PAUSE_MS = 50;
/** The last migration of the version that stores chunks. */
const LAST_OF_CHUNKS = 'QualifyFunctions1764400000000';

/** A sample, as the series and the time, which are unique. Its value is 1. */
type Sample = readonly [n: number, at: number];

/** A whole upgrade: processes of both versions push and are asked, before, while and after chunks become blocks. */
describe('a database with chunks of an older version', () => {
  let database: TestDatabase;
  let client: pg.Client;
  /** Reads the view all the time. */
  let viewer: pg.Client;
  const servers: TestServer[] = [];
  const acknowledged: Sample[] = [];
  const failures: unknown[] = [];
  let sent = 0;
  /** The time of the next sample. */
  let clock = Date.now() - 60_000;

  beforeAll(async () => {
    database = await createTestDatabase({ isEmpty: true });
    client = new pg.Client({ connectionString: database.url });
    viewer = new pg.Client({ connectionString: database.url });
    await Promise.all([client.connect(), viewer.connect()]);
    const options = dataSourceOptions(database.url, new DatabaseSchema('public'), 2);
    const last = CUSTOM_METRICS_MIGRATIONS.findIndex(({ name }) => name === LAST_OF_CHUNKS);
    const migrations = CUSTOM_METRICS_MIGRATIONS.slice(0, last + 1);
    const dataSource = await new DataSource({ ...options, migrations }).initialize();
    await dataSource.runMigrations();
    await dataSource.destroy();
    await storeChunks();
  });

  afterAll(async () => {
    await Promise.all(servers.map((server) => server.stop()));
    await Promise.all([client.end(), viewer.end()]);
    await database.drop();
  });

  const count = async (from: string, by = client) =>
    Number((await by.query<{ n: string }>(`SELECT count(*) AS n FROM ${from}`)).rows[0]!.n);

  /** Stores days, of which each series has a chunk of six samples for each period of six hours. */
  async function storeChunks(): Promise<void> {
    const today = Math.floor(Date.now() / DAY) * DAY;
    await client.query(
      `INSERT INTO metric (id, name, type, temporality) VALUES (1, 'upgraded_total', 'counter', 'delta')`,
    );
    for (let n = 1; n <= SERIES; n++) {
      await client.query(
        `INSERT INTO series (id, metric_id, identity, labels, total, last_value, last_at, last_received_at, last_writer_id, last_sequence, pushed_at)
         VALUES ($1, 1, sha256(convert_to($2, 'UTF8')), jsonb_build_object('n', $1::int::text), ${DAYS * 24}, 1, $3, $3, 1, 1, $3)`,
        [n, `upgraded_total{n="${n}"}`, new Date(today - 3_600_000)],
      );
    }
    await client.query(`SELECT setval('series_id_seq', ${SERIES}), setval('metric_id_seq', 1)`);
    const nameOf = (time: number) => new Date(time).toISOString().slice(0, 19).replaceAll(/[-:]/g, '').toLowerCase();
    for (let day = today - DAYS * DAY; day < today; day += DAY) {
      await client.query(
        `CREATE TABLE sample_chunk_merged_${nameOf(day)}_${nameOf(day + DAY)} PARTITION OF sample_chunk_merged
         FOR VALUES FROM ('${new Date(day).toISOString()}') TO ('${new Date(day + DAY).toISOString()}')`,
      );
      for (let start = day; start < day + DAY; start += DAY / 4) {
        await client.query(
          `INSERT INTO sample_chunk (start_at, end_at, delta_sum, delta_sum_low, series_id, sample_count, is_merged, offsets_ms, "values")
           SELECT $1::timestamptz, $1::timestamptz + interval '5 hours', 6, 0, n, 6, true,
                  '{0,3600000,7200000,10800000,14400000,18000000}', '{1,1,1,1,1,1}' FROM generate_series(1, ${SERIES}) AS n`,
          [new Date(start)],
        );
        for (let n = 1; n <= SERIES; n++) {
          for (let hour = 0; hour < 6; hour++) acknowledged.push([n, start + hour * 3_600_000]);
        }
      }
    }
    sent = acknowledged.length;
  }

  /** Takes the next samples, which nobody else takes. */
  function nextSamples(length: number): Sample[] {
    sent += length;
    return Array.from({ length }, () => [(clock % SERIES) + 1, clock++] as const);
  }

  /** Repeats a task until it is told to stop, or until any task has failed. */
  function repeat(task: () => Promise<unknown>): { stop(): Promise<void> } {
    let isOver = false;
    const running = (async () => {
      for (; !isOver && failures.length === 0; await sleep(PAUSE_MS)) {
        await task().catch((error: unknown) => failures.push(error));
      }
    })();
    return {
      stop: () => {
        isOver = true;
        return running;
      },
    };
  }

  /** Waits for a state of the database while the tasks go on. */
  async function untilOrFailed(check: () => Promise<void>): Promise<void> {
    await eventually(async () => failures.length > 0 || (await check()), { limitMs: 90_000 });
    if (failures.length > 0) throw failures[0];
  }

  /** Expects at least the samples that were acknowledged before the question, and at most those that were sent before the answer. */
  async function expectComplete(ask: () => Promise<number>): Promise<void> {
    const before = acknowledged.length;
    const found = await ask();
    expect(found).toBeGreaterThanOrEqual(before);
    expect(found).toBeLessThanOrEqual(sent);
  }

  async function pushTo(server: TestServer): Promise<void> {
    const samples = nextSamples(5);
    const items = samples.map(([n, timestamp]) => ({
      name: 'upgraded_total',
      value: 1,
      labels: { n: String(n) },
      timestamp,
    }));
    expect((await push(server, items)).status).toBe(202);
    acknowledged.push(...samples);
  }

  const countInHistory = async (server: TestServer) => {
    const { series } = await getJson<{ series: { points: { value: number | null }[] }[] }>(
      server,
      `/api/history/query?metric=upgraded_total&aggregate=count&step=1d&from=${Date.now() - 7 * DAY}`,
    );
    const values = series.flatMap(({ points }) => points.map(({ value }) => value ?? 0));
    return values.reduce((a, b) => a + b, 0);
  };

  const sumInPromQL = async (server: TestServer) => {
    const url = `${server.url}/api/v1/query?query=sum(upgraded_total)&time=${Date.now() / 1000 + 1}`;
    const response = await fetch(url, { headers: { Authorization: `Bearer ${ADMIN_TOKEN}` } });
    const { data } = (await response.json()) as { data: { result: { value: [number, string] }[] } };
    return Number(data.result[0]!.value[1]);
  };

  const askAll = async (server: TestServer) => {
    await expectComplete(() => countInHistory(server));
    await expectComplete(() => sumInPromQL(server));
  };

  test('is upgraded while it is used, and every sample is there once, at any time', async () => {
    const older = await OlderProcess.start(database.url);
    const olderPushes = repeat(async () => {
      const samples = nextSamples(2);
      await older.append(
        samples.map(([n]) => n),
        samples.map(([, at]) => at),
      );
      acknowledged.push(...samples);
    });
    // An older process answers with all samples, or not at all.
    const olderReads = repeat(async () => {
      const before = acknowledged.length;
      const found = await older.countSamples();
      if (found === undefined) return;
      expect(found).toBeGreaterThanOrEqual(before);
      expect(found).toBeLessThanOrEqual(sent);
    });
    await sleep(500);

    // Two new processes join. As long as the older one is alive, they write chunks.
    const loops = [olderReads, repeat(() => expectComplete(() => count('metric_sample', viewer)))];
    for (let index = 0; index < 2; index++) {
      const server = await startServer({ DATABASE_URL: database.url, ...COMPACTING });
      servers.push(server);
      loops.push(
        repeat(() => pushTo(server)),
        repeat(() => askAll(server)),
      );
    }
    await untilOrFailed(async () =>
      expect(await count(`sample_chunk WHERE end_at > now() - interval '1 hour'`)).toBeGreaterThan(0),
    );
    expect(await count('sample_block')).toBe(0);
    expect(older.isRefused).toBe(false);

    // The older process ends, but does not know that yet: it still reads.
    await olderPushes.stop();
    await older.stopHeartbeat();
    await untilOrFailed(async () => expect(await count('sample_block')).toBeGreaterThan(0));
    await untilOrFailed(async () => expect(await count('sample_chunk')).toBe(0));
    await Promise.all(loops.map((loop) => loop.stop()));
    expect(failures).toEqual([]);
    expect(older.isRefused).toBe(true);

    // Nobody reads the empty partitions any more, so they are dropped.
    await eventually(async () =>
      expect(await count(`pg_class WHERE relname ~ '^sample_chunk_.*_\\d' AND relkind = 'r'`)).toBe(0),
    );
    expect(sent).toBe(acknowledged.length);
    const { rows } = await client.query<{ n: number; at: string }>(
      `SELECT (labels->>'n')::int AS n, date_part('epoch', at) * 1000 AS at FROM metric_sample ORDER BY at, n`,
    );
    const inOrder = acknowledged.toSorted((a, b) => a[1] - b[1] || a[0] - b[0]);
    expect(rows.map(({ n, at }) => [n, at])).toEqual(inOrder);
    for (const server of servers) {
      expect(await countInHistory(server)).toBe(sent);
      expect(await sumInPromQL(server)).toBe(sent);
      await eventually(async () => {
        const page = await scrape(server);
        const shown = Array.from({ length: SERIES }, (_, index) => valueOn(page, `upgraded_total{n="${index + 1}"}`));
        expect(shown.reduce((a, b) => a! + b!)).toBe(sent);
      });
    }
    await older.end();
  });
});
