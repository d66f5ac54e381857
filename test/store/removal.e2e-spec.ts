import pg from 'pg';
import { eventually } from '../support/eventually.js';
import {
  ADMIN_TOKEN,
  INGEST_TOKEN,
  getJson,
  push,
  scrape,
  startServer,
  type TestServer,
  valueOn,
} from '../support/server.js';
import { remove, samplesOf } from '../support/removal.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';

function declare(server: TestServer, name: string, type: string): Promise<Response> {
  return fetch(`${server.url}/api/admin/metrics/${name}`, {
    method: 'PUT',
    headers: { Authorization: ADMIN_TOKEN, 'Content-Type': 'application/json' },
    body: JSON.stringify({ type }),
  });
}

const statusOfHistory = async (server: TestServer, metric: string) =>
  (await fetch(`${server.url}/api/history/samples?metric=${metric}`, { headers: { Authorization: ADMIN_TOKEN } }))
    .status;

describe('removing on purpose', () => {
  let database: TestDatabase;
  let client: pg.Client;
  let one: TestServer;
  let other: TestServer;

  beforeAll(async () => {
    database = await createTestDatabase();
    // Only the test creates chunks.
    const settings = { DATABASE_URL: database.url, COMPACTION_HORIZON_SECONDS: '86400' };
    [one, other] = (await Promise.all([1, 2].map(() => startServer(settings)))) as [TestServer, TestServer];
    client = new pg.Client({ connectionString: database.url });
    await client.connect();
    await client.query(`
      CREATE TABLE sample_chunk_test PARTITION OF sample_chunk_fresh FOR VALUES FROM ('2000-01-01') TO ('2100-01-01')`);
  });

  afterAll(async () => {
    await client.end();
    await Promise.all([one, other].map((server) => server.kill()));
    await database.drop();
  });

  /** Adds chunks for all series of a metric, with a given number of samples each. */
  const addChunks = (metric: string, chunks: number, samples: number) =>
    client.query(
      `INSERT INTO sample_chunk (start_at, end_at, series_id, sample_count, is_merged, offsets_ms, "values")
       SELECT now() - interval '1 hour', now() - chunk * interval '1 minute', series.id, $3::int, false,
              array_fill(0, ARRAY[$3::int]), array_fill(1::float8, ARRAY[$3::int])
       FROM series JOIN metric ON metric.id = series.metric_id, generate_series(1, $2::int) AS chunk
       WHERE metric.name = $1`,
      [metric, chunks, samples],
    );

  test('removes a metric from every process, and its name is free', async () => {
    await push(one, [
      { name: 'gone_total', value: 3, labels: { a: '1' } },
      { name: 'gone_total', value: 4, labels: { a: '2' } },
      { name: 'stays_total', value: 1 },
    ]);
    await eventually(async () => expect((await scrape(other)).includes('gone_total{a="2"} 4')).toBe(true));
    const { status, body } = await remove(one, 'gone_total');
    expect(status).toBe(200);
    expect(body).toEqual({ metric: 'gone_total', dryRun: false, seriesCount: 2, sampleCount: 2, chunkCount: 0 });
    expect(await scrape(one)).not.toContain('gone_total');
    expect(await statusOfHistory(one, 'gone_total')).toBe(404);
    await eventually(async () => expect(await scrape(other)).not.toContain('gone_total'));
    expect(await statusOfHistory(other, 'gone_total')).toBe(404);
    for (const server of [one, other]) {
      const { metrics } = await getJson<{ metrics: { name: string }[] }>(server, '/api/history/metrics?search=gone');
      expect(metrics).toEqual([]);
      expect(await scrape(server)).toContain('stays_total 1\n');
    }
    const { rows } = await client.query(`SELECT * FROM metric_sample WHERE metric LIKE 'gone%'`);
    expect(rows).toEqual([]);

    expect((await push(other, [{ name: 'gone_total', value: -7, type: 'gauge', labels: { a: '1' } }])).status).toBe(
      202,
    );
    for (const server of [one, other]) {
      await eventually(async () => expect((await scrape(server)).includes('gone_total{a="1"} -7\n')).toBe(true));
      const page = await scrape(server);
      expect(page).toContain('# TYPE gone_total gauge\n');
      expect(page).not.toContain('gone_total{a="2"}');
      expect((await samplesOf(server, 'gone_total')).samples).toHaveLength(1);
    }
    const restarted = await startServer({ DATABASE_URL: database.url });
    try {
      expect(valueOn(await scrape(restarted), 'gone_total{a="1"}')).toBe(-7);
      expect(valueOn(await scrape(restarted), 'gone_total{a="2"}')).toBeUndefined();
    } finally {
      await restarted.kill();
    }
  });

  test('removes series by their labels, and the next push begins at 0', async () => {
    const all = ['200', '500', '503'].map((status) => ({ name: 'some_total', value: 10, labels: { status } }));
    await push(one, all);
    await eventually(async () => expect((await scrape(other)).includes('some_total{status="503"} 10')).toBe(true));
    const { body } = await remove(other, 'some_total/series?label=status=500&label=status=503');
    expect(body).toMatchObject({ metric: 'some_total', dryRun: false, seriesCount: 2, sampleCount: 2 });
    await eventually(async () => expect(await scrape(one)).not.toContain('status="50'));
    // The push uses the short path of a process that recognises the series by its bytes.
    await push(one, all);
    for (const server of [one, other]) {
      await eventually(async () => expect((await scrape(server)).includes('some_total{status="200"} 20\n')).toBe(true));
      expect(valueOn(await scrape(server), 'some_total{status="500"}')).toBe(10);
      const { samples } = await samplesOf(server, 'some_total');
      expect(samples.map(({ labels }) => labels['status'] ?? '').toSorted((a, b) => Number(a) - Number(b))).toEqual([
        '200',
        '200',
        '500',
        '503',
      ]);
    }
    expect((await remove(one, 'some_total/series?label=status=404')).body).toMatchObject({ seriesCount: 0 });
  });

  test('reports in a dry run how much data there is, and deletes it in the background', async () => {
    const series = Array.from({ length: 3 }, (_, index) => ({
      name: 'dry_total',
      value: 1,
      labels: { n: String(index) },
    }));
    await push(one, series);
    await push(one, series.slice(0, 2));
    await addChunks('dry_total', 4, 25);
    const expected = { metric: 'dry_total', dryRun: true, seriesCount: 3, sampleCount: 305, chunkCount: 12 };
    expect((await remove(one, 'dry_total?dryRun=true')).body).toEqual(expected);
    expect((await remove(other, 'dry_total?dryRun=true')).body).toEqual(expected);
    expect((await remove(other, 'dry_total/series?label=n=2&dryRun=true')).body).toEqual({
      ...expected,
      seriesCount: 1,
      sampleCount: 101,
      chunkCount: 4,
    });
    expect(valueOn(await scrape(one), 'dry_total{n="0"}')).toBe(2);
    expect((await remove(one, 'dry_total?dryRun=false')).body).toEqual({ ...expected, dryRun: false });

    // A process sweeps as soon as it starts.
    await client.query(`UPDATE series SET deleted_at = now() - interval '2 days' WHERE deleted_at IS NOT NULL`);
    await client.query(`UPDATE metric SET deleted_at = now() - interval '2 days' WHERE deleted_at IS NOT NULL`);
    await addChunks('some_total', 1, 1);
    const sweeper = await startServer({ DATABASE_URL: database.url });
    try {
      const left = async () =>
        (
          await client.query<{ chunks: number; series: number; metrics: number; kept: number }>(`SELECT
            (SELECT count(*)::int FROM sample_chunk JOIN series ON series.id = series_id WHERE deleted_at IS NOT NULL) AS chunks,
            (SELECT count(*)::int FROM series WHERE deleted_at IS NOT NULL) AS series,
            (SELECT count(*)::int FROM metric WHERE deleted_at IS NOT NULL) AS metrics,
            (SELECT count(*)::int FROM sample_chunk) AS kept`)
        ).rows[0]!;
      await eventually(async () => expect(await left()).toEqual({ chunks: 0, series: 0, metrics: 0, kept: 3 }));
    } finally {
      await sweeper.kill();
    }
  });

  test('also deletes series that a process without news of the removal creates for the old metric', async () => {
    for (let round = 0; round < 10; round++) {
      const [remover, late] = round % 2 === 0 ? [one, other] : [other, one];
      await push(remover, [{ name: 'late_total', value: 100, labels: { round: 'before' } }]);
      await eventually(async () => expect((await scrape(late)).includes('late_total{round="before"}')).toBe(true));
      await remove(remover, 'late_total');
      // The series is new, but this process still knows its metric under the old id.
      const item = { name: 'late_total', value: round + 1, labels: { round: String(round) } };
      expect(await (await push(late, [item])).text()).toBe('');
      for (const server of [one, other]) {
        const isThere = async () => valueOn(await scrape(server), `late_total{round="${round}"}`) === round + 1;
        await eventually(async () => expect(await isThere()).toBe(true));
        expect(await scrape(server)).not.toContain('late_total{round="before"}');
      }
      expect((await remove(late, 'late_total')).body).toMatchObject({ seriesCount: 1, sampleCount: 1 });
    }
  });

  test('removes declared metrics without samples, and a histogram with its counters', async () => {
    await declare(one, 'only_declared', 'counter');
    expect((await remove(one, 'only_declared')).body).toMatchObject({ seriesCount: 0, sampleCount: 0 });
    expect((await declare(one, 'only_declared', 'gauge')).status).toBe(200);

    await declare(one, 'latency', 'histogram');
    await push(one, [
      ...['0.1', '+Inf'].map((le) => ({ name: 'latency_bucket', value: 1, labels: { le, app: 'a' } })),
      { name: 'latency_sum', value: 0.05, labels: { app: 'a' } },
      { name: 'latency_count', value: 1, labels: { app: 'a' } },
      { name: 'latency_count', value: 1, labels: { app: 'b' } },
    ]);
    // This waits until the other process knows all series.
    const isKnown = async () => (await scrape(other)).includes('latency_count{app="b"} 1\n');
    await eventually(async () => expect(await isKnown()).toBe(true));
    const refused = await remove(other, 'latency_count');
    expect(refused.status).toBe(409);
    expect(refused.body.message).toContain('belongs to the histogram latency');
    expect((await remove(other, 'latency/series?label=app=b')).body).toMatchObject({ seriesCount: 1, sampleCount: 1 });
    expect((await remove(other, 'latency')).body).toMatchObject({ seriesCount: 4, sampleCount: 4 });
    expect(await scrape(other)).not.toContain('latency');
    await eventually(async () => expect(await scrape(one)).not.toContain('latency'));
    // A process may learn of the removed series a moment before it learns of the removed metric, and until then it refuses the item.
    await eventually(async () => {
      expect((await push(one, [{ name: 'latency', value: 5 }])).status).toBe(202);
      expect(await scrape(one)).toContain('# TYPE latency gauge\n');
    });
  });

  test('refuses requests whose meaning is not certain', async () => {
    await push(one, [{ name: 'refused_total', value: 1, labels: { a: '1' } }]);
    const refusals = await Promise.all([
      remove(one, 'refused_totl'),
      remove(one, 'refused_totl/series?label=a=1'),
      remove(one, 'refused_total/series'),
      remove(one, 'refused_total/series?label=a'),
      remove(one, 'refused_total?dryrun=true'),
      remove(one, 'refused_total?dryRun=yes'),
      remove(one, 'refused_total?label=a=1'),
      remove(one, 'refused_total', ''),
      remove(one, 'refused_total', INGEST_TOKEN),
    ]);
    expect(refusals.map(({ status }) => status)).toEqual([404, 404, 400, 400, 400, 400, 400, 401, 403]);
    expect(refusals[0]!.body.message).toContain('Did you mean refused_total?');
    expect(refusals[2]!.body.details[0]).toMatchObject({ path: '/query/label' });
    expect(refusals[2]!.body.details[0]!.message).toContain('DELETE /api/admin/metrics/<name>');
    expect(refusals[4]!.body.details).toEqual([
      { path: '/query/dryrun', message: 'The `/query/dryrun` property is not known here. Did you mean dryRun?' },
    ]);
    expect(valueOn(await scrape(one), 'refused_total{a="1"}')).toBe(1);
  });
});

describe('limits', () => {
  test('count only existing data', async () => {
    const database = await createTestDatabase();
    const server = await startServer({
      DATABASE_URL: database.url,
      SERIES_LIMIT: '4',
      SERIES_PER_METRIC_LIMIT: '3',
      SERIES_PER_TOKEN_LIMIT: '4',
    });
    try {
      const items = (name: string, count: number, first = 0) =>
        Array.from({ length: count }, (_, index) => ({ name, value: 1, labels: { n: String(first + index) } }));
      const rejected = async (response: Promise<Response>) => (await response).text();
      expect(await rejected(push(server, items('a', 3)))).toBe('');
      expect(await rejected(push(server, items('a', 1, 3)))).toContain('SERIES_PER_METRIC_LIMIT');
      await remove(server, 'a/series?label=n=0');
      expect(await rejected(push(server, items('a', 1, 3)))).toBe('');
      expect(await rejected(push(server, items('b', 1)))).toBe('');
      expect(await rejected(push(server, items('b', 1, 1)))).toContain('series_limit');
      await remove(server, 'a');
      expect(await rejected(push(server, items('b', 2, 1)))).toBe('');
      expect(valueOn(await scrape(server), 'custom_metrics_series')).toBe(3);
    } finally {
      await server.kill();
      await database.drop();
    }
  });
});
