import pg from 'pg';
import { CITUS_URL, createDivisibleCitusDatabase, type DivisibleCitusDatabase } from '../support/citus-database.js';
import { all, deleteSamples, IN_BLOCKS, item, viewsOf, WRONG } from '../support/corrections.js';
import { eventually } from '../support/eventually.js';
import { remove } from '../support/removal.js';
import { ADMIN_TOKEN, getJson, push, scrape, startServer, type TestServer, valueOn } from '../support/server.js';

const DAY = 86_400_000;
/** More series than a bucket has, so that the metrics around them are in different buckets. */
const FILLERS = 64;
/** One series in each of some buckets. */
const METRICS = Array.from({ length: 6 }, (_, index) => `in_bucket_${index}_total`);

const [describeCitus, title] =
  CITUS_URL === undefined
    ? [describe.skip, 'the archive on Citus (skipped, because TEST_CITUS_URL is not set)']
    : [describe, 'the archive on Citus'];

describeCitus(title, () => {
  let database: DivisibleCitusDatabase;
  let client: pg.Client;
  let server: TestServer;
  const start = () =>
    startServer({ DATABASE_URL: database.url, ...IN_BLOCKS, SLOW_SERIES_PERIOD: '10s', RETENTION_DAYS: '2' });

  beforeAll(async () => {
    database = await createDivisibleCitusDatabase(CITUS_URL!);
    client = new pg.Client({ connectionString: database.url });
    await client.connect();
    server = await start();
  });

  afterAll(async () => {
    await server.stop();
    await client.end();
    await database.drop();
  });

  async function query<Row extends object>(sql: string, values: unknown[] = []): Promise<Row[]> {
    return (await client.query<Row>(sql, values)).rows;
  }

  const count = async (from: string) => Number((await query<{ n: string }>(`SELECT count(*) AS n FROM ${from}`))[0]!.n);

  /** Waits until all samples are in merged blocks. */
  const merged = () =>
    eventually(
      async () => {
        for (const table of ['sample_batch', 'sample_block_fresh', 'sample_block_waiting']) {
          expect([table, await count(table)]).toEqual([table, 0]);
        }
      },
      // Each merge waits for every server, which takes long on a busy machine.
      { limitMs: 120_000 },
    );

  async function pushAll(items: Parameters<typeof push>[1]): Promise<void> {
    expect((await push(server, items)).status).toBe(202);
  }

  /** Returns the address of the server that stores the merged blocks of a metric with one series. */
  async function serverOf(metric: string): Promise<number> {
    const [row] = await query<{ port: number }>(
      `SELECT nodeport AS port FROM series JOIN metric ON metric.id = metric_id
       JOIN citus_shards ON shardid = get_shard_id_for_distribution_column('sample_block_merged', series.id >> 6)
       WHERE metric.name = $1`,
      [metric],
    );
    return row!.port;
  }

  async function expectSums(sum: number): Promise<void> {
    for (const metric of METRICS) {
      expect([metric, await viewsOf(server, client, metric, 'sum')]).toEqual([metric, all(sum)]);
    }
  }

  test('has each sample once on the page, in the history, in PromQL and in SQL', async () => {
    for (const [index, name] of METRICS.entries()) {
      await pushAll([item(name, 1, -30), item(name, 2, 0), item(name, 4, 90), item(`level_${index}`, 7, 0)]);
      await pushAll(
        Array.from({ length: FILLERS }, (_, n) => item(`filler_${index}_total`, 1, n, { labels: { n: String(n) } })),
      );
    }
    await merged();
    expect(await count('sample_block_merged')).toBeGreaterThan(METRICS.length);
    const used = new Set<number>();
    for (const metric of METRICS) used.add(await serverOf(metric));
    expect(used.size).toBe(Math.max(1, database.workers.length));
    await expectSums(7);
    for (const index of METRICS.keys()) {
      expect(await viewsOf(server, client, `level_${index}`, 'newest')).toEqual(all(7));
    }
  });

  test('merges late samples of periods that were merged before', async () => {
    for (const name of METRICS) await pushAll([item(name, 8, 1), item(name, 16, 91)]);
    await merged();
    await expectSums(31);
    expect(await count('sample_block_merged WHERE replaced_turn IS NOT NULL')).toBeGreaterThan(0);
  });

  test('deletes the samples of a range, and those of a removed metric', async () => {
    for (const name of METRICS) {
      const { status, body } = await deleteSamples(server, name, WRONG);
      expect([status, body]).toEqual([200, expect.objectContaining({ sampleCount: 2, dryRun: false })]);
    }
    await expectSums(21);
    const amount = { seriesCount: FILLERS, sampleCount: FILLERS };
    expect((await remove(server, 'filler_0_total?dryRun=true')).body).toMatchObject(amount);
    expect((await remove(server, 'filler_0_total')).body).toMatchObject(amount);
    // The search for removed series runs soon after a start.
    await server.stop();
    server = await start();
    await eventually(async () => {
      const sums = await query<{ n: string }>(
        `SELECT sum(bit_count(members::bit(64))) AS n FROM sample_block WHERE bucket = (
           SELECT min(series.id) >> 6 FROM series JOIN metric ON metric.id = metric_id WHERE metric.name = 'filler_0_total')`,
      );
      expect(Number(sums[0]!.n)).toBeLessThan(FILLERS);
    });
    await expectSums(21);
  });

  test('forgets what is older than the retention, and the rows of removed series', async () => {
    await query(`UPDATE series SET deleted_at = now() - interval '2 days' WHERE deleted_at IS NOT NULL`);
    const day = Math.floor(Date.now() / DAY) * DAY - 5 * DAY;
    const nameOf = (time: number) => new Date(time).toISOString().slice(0, 19).replaceAll(/[-:]/g, '').toLowerCase();
    const partition = `sample_block_merged_${nameOf(day)}_${nameOf(day + DAY)}`;
    await query(
      `CREATE TABLE ${partition} PARTITION OF sample_block_merged
       FOR VALUES FROM ('${new Date(day).toISOString()}') TO ('${new Date(day + DAY).toISOString()}')`,
    );
    await server.stop();
    server = await start();
    await eventually(async () => {
      expect(await query('SELECT FROM pg_class WHERE relname = $1', [partition])).toEqual([]);
      expect(await count('series WHERE deleted_at IS NOT NULL')).toBe(0);
    });
  });

  test('counts what is stored', async () => {
    const levels = METRICS.length;
    const fillers = (METRICS.length - 1) * FILLERS;
    expect(await getJson(server, '/api/admin/storage')).toMatchObject({
      sampleCount: 3 * METRICS.length + levels + fillers,
    });
  });

  test('goes on without a server, except for the history that it stores', async () => {
    const away = database.workers[0]!;
    const ports = new Map<string, number>();
    for (const metric of METRICS) ports.set(metric, await serverOf(metric));
    const lost = METRICS.find((metric) => ports.get(metric) === away.port)!;
    const kept = METRICS.find((metric) => ports.get(metric) !== away.port)!;
    const history = async (metric: string, by: 'history' | 'promql') => {
      const path =
        by === 'history'
          ? `/api/history/query?metric=${metric}&aggregate=last&groupBy=*&step=1d`
          : `/api/v1/query?query=${metric}&time=${Date.now() / 1000}`;
      const response = await fetch(server.url + path, { headers: { Authorization: ADMIN_TOKEN } });
      return { status: response.status, text: await response.text() };
    };
    away.cut();
    for (const by of ['history', 'promql'] as const) {
      const answer = await history(lost, by);
      expect([by, answer.status]).toEqual([by, 503]);
      expect(answer.text).toContain(`127.0.0.1:${away.port}`);
      expect([by, (await history(kept, by)).status]).toEqual([by, 200]);
    }
    // A process that starts now needs nothing of that server.
    await server.stop();
    server = await start();
    // The first samples are from so many periods that most of them would become merged blocks at once.
    const past = Array.from({ length: 60 }, (_, n) => item(lost, 1, -600 - 10 * n));
    await pushAll([...past, item(lost, 32, 30), item(kept, 32, 30)]);
    await eventually(async () => expect(await count('sample_batch')).toBe(0));
    const page = await scrape(server);
    expect([valueOn(page, lost), valueOn(page, kept)]).toEqual([113, 53]);
    expect((await fetch(`${server.url}/health/ready`)).status).toBe(200);
    away.restore();
    await merged();
    expect(await viewsOf(server, client, lost, 'sum')).toEqual(all(113));
    expect(await viewsOf(server, client, kept, 'sum')).toEqual(all(53));
  });
});
