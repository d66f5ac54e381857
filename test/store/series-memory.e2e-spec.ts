import { gzipSync } from 'node:zlib';
import pg from 'pg';
import { eventually } from '../support/eventually.js';
import { ADMIN_TOKEN, INGEST_TOKEN, push, scrape, startServer, type TestServer } from '../support/server.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';

const OTHER_TOKEN = `other:development.${'c'.repeat(56)}`;

interface Answer {
  readonly status: number;
  readonly accepted: number;
  readonly reasons: readonly string[];
  readonly message: string;
}

const longText = (seed: number) =>
  String.fromCharCode(...Array.from({ length: 1_000 }, (_, index) => 0x4e00 + ((seed * 31 + index * 7) % 20_000)));

/** Returns a series whose labels take `labels` × 2 KB of memory. */
const longSeries = (name: string, id: number, labels: number) => ({
  name,
  value: 1,
  labels: Object.fromEntries(
    Array.from({ length: labels }, (_, index) => [`l${index}`, `${id}${longText(index).slice(9)}`]),
  ),
});

async function pushAs(server: TestServer, token: string, metrics: readonly object[]): Promise<Answer> {
  const response = await fetch(`${server.url}/api/client/metrics/custom`, {
    method: 'POST',
    headers: { Authorization: token, 'Content-Type': 'application/json', 'Content-Encoding': 'gzip' },
    body: gzipSync(JSON.stringify({ metrics }), { level: 1 }),
  });
  const text = await response.text();
  const report = (text === '' ? {} : JSON.parse(text)) as {
    accepted?: number;
    rejected?: { reason: string; message: string }[];
  };
  const rejected = report.rejected ?? [];
  return {
    status: response.status,
    accepted: report.accepted ?? metrics.length,
    reasons: [...new Set(rejected.map(({ reason }) => reason))],
    message: rejected[0]?.message ?? '',
  };
}

const ask = (server: TestServer, path: string) =>
  fetch(server.url + path, { headers: { Authorization: ADMIN_TOKEN }, signal: AbortSignal.timeout(20_000) });

const valueOf = async (server: TestServer, name: string) =>
  Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(await scrape(server))?.[1]);

describe('the memory that series take', () => {
  let database: TestDatabase;
  let server: TestServer | undefined;

  beforeEach(async () => {
    database = await createTestDatabase();
  });

  afterEach(async () => {
    await server?.kill();
    server = undefined;
    await database.drop();
  });

  test('is limited for each token and in total, and a start with less memory serves the complete metrics', async () => {
    const settings = {
      DATABASE_URL: database.url,
      INIT_BACKEND_API_TOKENS: `${INGEST_TOKEN},${OTHER_TOKEN}`,
      SERIES_MEMORY_LIMIT: '4MiB',
    };
    server = await startServer(settings);
    expect((await push(server, [{ name: 'small_total', value: 3 }])).status).toBe(202);
    // 40 series of 64 KB need more than half of the memory.
    const first = await pushAs(
      server,
      INGEST_TOKEN,
      Array.from({ length: 40 }, (_, id) => longSeries('large_a', id, 32)),
    );
    expect(first).toMatchObject({ status: 202, reasons: ['series_memory_limit'] });
    expect(first.message).toContain('SERIES_MEMORY_PER_TOKEN_LIMIT');
    expect(first.accepted).toBeGreaterThan(20);
    // Short series of this token do not fit either. Another token has its own half, but no more than the remaining memory.
    const second = await pushAs(
      server,
      OTHER_TOKEN,
      Array.from({ length: 20 }, (_, id) => longSeries('large_b', id, 32)),
    );
    expect(second).toMatchObject({ status: 202, accepted: 20, reasons: [] });
    const third = await pushAs(
      server,
      OTHER_TOKEN,
      Array.from({ length: 20 }, (_, id) => longSeries('large_c', id, 32)),
    );
    expect(third.reasons).toEqual(['series_memory_limit']);
    // Pushes to known series are still accepted.
    expect((await push(server, [{ name: 'small_total', value: 4 }])).status).toBe(202);
    expect(await valueOf(server, 'custom_metrics_series_memory_limit_bytes')).toBe(4 * 1024 ** 2);
    const bytes = await valueOf(server, 'custom_metrics_series_memory_bytes');
    expect(bytes).toBeGreaterThan(3 * 1024 ** 2);
    expect(bytes).toBeLessThanOrEqual(4 * 1024 ** 2);
    await server.stop();

    // A quarter of the series is in memory, in the order of their creation: small_total, and some of large_a.
    server = await startServer({ ...settings, SERIES_MEMORY_LIMIT: '1MiB' });
    expect(server.output()).toContain('This process does not have enough memory for all series');
    const ready = await ask(server, '/health/ready');
    expect(ready.status).toBe(200);
    expect(await ready.text()).toContain('SERIES_MEMORY_LIMIT');
    expect(await valueOf(server, 'custom_metrics_series_left_out')).toBeGreaterThan(20);
    const page = await scrape(server);
    expect(page).toContain('small_total 7\n');
    expect(page).not.toContain('\nlarge_');
    const known = await pushAs(server, INGEST_TOKEN, [longSeries('large_a', 0, 32), { name: 'small_total', value: 1 }]);
    expect(known).toMatchObject({ status: 202, accepted: 2 });
    const refused = await pushAs(server, INGEST_TOKEN, [longSeries('large_b', 0, 32), { name: 'new_total', value: 1 }]);
    expect(refused).toMatchObject({ status: 202, accepted: 0, reasons: ['series_memory_limit'] });
    expect((await ask(server, '/api/history/series?metric=small_total')).status).toBe(200);
    for (const path of [
      '/api/history/series?metric=large_a',
      '/api/history/series?metric=large_b',
      '/api/v1/query?query=count(large_a)',
      '/api/v1/query?query=count(large_c)',
      `/api/v1/query?query=${encodeURIComponent('count({__name__=~".+"})')}`,
    ]) {
      const answer = await ask(server, path);
      expect([path, answer.status]).toEqual([path, 503]);
      expect(Number(answer.headers.get('Retry-After'))).toBeGreaterThan(0);
      expect(await answer.text()).toContain('SERIES_MEMORY_LIMIT');
    }
    await server.stop();

    // The start with less memory has lost no data.
    server = await startServer(settings);
    expect(await scrape(server)).toContain('small_total 8\n');
    expect(await valueOf(server, 'custom_metrics_series_left_out')).toBe(0);
    const counted = await ask(server, '/api/v1/query?query=count(large_b)');
    expect(await counted.text()).toContain('"20"');
  });

  test('leaves out series of another process that do not fit, and says so', async () => {
    server = await startServer({ DATABASE_URL: database.url, SERIES_MEMORY_LIMIT: '1MiB' });
    const other = await startServer({ DATABASE_URL: database.url, SERIES_MEMORY_LIMIT: '64MiB' });
    try {
      expect((await push(server, [{ name: 'shared_total', value: 1 }])).status).toBe(202);
      expect((await push(other, [{ name: 'shared_total', value: 1 }])).status).toBe(202);
      const many = Array.from({ length: 30 }, (_, id) => longSeries('large', id, 32));
      expect(await pushAs(other, INGEST_TOKEN, many)).toMatchObject({ status: 202, accepted: 30 });
      await eventually(async () => {
        expect((await ask(server!, '/health/ready')).status).toBe(200);
        expect(server!.output()).toContain('This process does not have enough memory for all series');
        expect(await valueOf(server!, 'custom_metrics_series_left_out')).toBeGreaterThan(0);
      });
      expect(await scrape(server)).not.toContain('\nlarge{');
      expect((await ask(server, '/api/v1/query?query=count(large)')).status).toBe(503);
      expect((await push(other, [{ name: 'shared_total', value: 5 }])).status).toBe(202);
      await eventually(async () => {
        expect(await scrape(server!)).toContain('shared_total 7\n');
      });
    } finally {
      await other.kill();
    }
  });

  test('new series are refused when Postgres has used up its ids, and known ones are stored', async () => {
    server = await startServer({ DATABASE_URL: database.url });
    expect((await push(server, [{ name: 'known_total', value: 1 }])).status).toBe(202);
    const client = new pg.Client({ connectionString: database.url });
    await client.connect();
    await client.query('ALTER TABLE series ALTER id RESTART WITH 2147483647');
    const last = await pushAs(server, INGEST_TOKEN, [{ name: 'last_total', value: 1 }]);
    expect(last).toMatchObject({ status: 202, accepted: 1 });
    const beyond = await pushAs(server, INGEST_TOKEN, [
      { name: 'known_total', value: 1 },
      { name: 'beyond_total', value: 1 },
    ]);
    expect(beyond).toMatchObject({ status: 202, accepted: 1, reasons: ['series_limit'] });
    expect(beyond.message).toContain('new database');
    await client.query('ALTER TABLE metric ALTER id RESTART WITH 2147483647');
    await client.query(`SELECT nextval(pg_get_serial_sequence('metric', 'id'))`);
    const metric = await pushAs(server, INGEST_TOKEN, [{ name: 'further_total', value: 1 }]);
    expect(metric).toMatchObject({ status: 202, accepted: 0, reasons: ['series_limit'] });
    await client.end();
    const page = await scrape(server);
    expect(page).toContain('known_total 2\n');
    expect(page).toContain('last_total 1\n');
  });

  test('does not end a process with a small heap, whatever is pushed, nor its restart', async () => {
    const small = { DATABASE_URL: database.url, NODE_OPTIONS: '--max-old-space-size=128' };
    server = await startServer(small);
    const reasons = new Set<string>();
    for (let request = 0; request < 6; request++) {
      const items = Array.from({ length: 45 }, (_, id) => longSeries(`m${id % 5}`, request * 45 + id, 32));
      const answer = await pushAs(server, INGEST_TOKEN, items);
      expect(answer.status).toBe(202);
      for (const reason of answer.reasons) reasons.add(reason);
    }
    expect([...reasons]).toEqual(['series_memory_limit']);
    expect(server.process.exitCode).toBeNull();
    expect(await server.stop()).toBe(0);
    server = await startServer(small);
    expect(await valueOf(server, 'custom_metrics_series_left_out')).toBe(0);
  });
});
