import { once } from 'node:events';
import http from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';
import { eventually } from '../support/eventually.js';
import {
  ADMIN_TOKEN,
  getJson,
  INGEST_TOKEN,
  type Item,
  push,
  startServer,
  type TestServer,
} from '../support/server.js';
import { createTestDatabase } from '../support/test-database.js';

const MINUTE = 60_000;

/** A whole minute half an hour ago: inside the default range, whenever the test runs. */
const BASE = Math.floor(Date.now() / MINUTE) * MINUTE - 30 * MINUTE;

interface Line {
  labels: Record<string, string>;
  points: { at: string; value: number | null }[];
}

interface SamplesPage {
  samples: { labels: Record<string, string>; at: string; value: number }[];
  nextCursor: string | null;
  truncated: boolean;
  truncatedBecause?: string;
}

interface RowsPage {
  metrics: { name: string; value: number; labels?: Record<string, string>; timestamp: string }[];
  count: number;
  metricNames: string[];
  nextCursor?: string;
}

interface ErrorBody {
  name: string;
  message: string;
  details: { path: string; message: string }[];
}

/** A sample so many seconds after {@link BASE}. */
function at(seconds: number, name: string, value: number, labels: Record<string, string> = {}, more: Item = {}): Item {
  return { name, value, labels, timestamp: BASE + seconds * 1_000, ...more };
}

function iso(seconds: number): string {
  return new Date(BASE + seconds * 1_000).toISOString();
}

/** Four minutes in one-minute buckets. */
const fourMinutes = `from=${BASE}&to=${BASE + 4 * MINUTE}&step=1m`;

function values(line: Line | undefined): (number | null)[] | undefined {
  return line?.points.map(({ value }) => value);
}

describe('history', () => {
  let database: Awaited<ReturnType<typeof createTestDatabase>>;
  let server: TestServer;

  beforeAll(async () => {
    database = await createTestDatabase();
    server = await startServer({ DATABASE_URL: database.url, HISTORY_MAX_POINTS: '400', HISTORY_MAX_SAMPLES: '2000' });
  });

  afterAll(async () => {
    await server.kill();
    await database.drop();
  });

  async function pushAll(items: readonly Item[]): Promise<void> {
    const response = await push(server, items);
    expect([response.status, await response.text()]).toEqual([202, '']);
  }

  const get = (path: string, headers: Record<string, string> = {}) =>
    fetch(server.url + path, { headers: { Authorization: ADMIN_TOKEN, ...headers } });

  async function refusalOf(path: string): Promise<ErrorBody & { status: number }> {
    const response = await get(path);
    return { status: response.status, ...((await response.json()) as ErrorBody) };
  }

  /** Every page, following the cursors; `key` holds the rows. */
  async function pages<T>(path: string, key: string): Promise<T[][]> {
    const all: T[][] = [];
    for (let cursor: string | null | undefined = ''; ;) {
      const page: Record<string, unknown> = await getJson(server, path + (cursor ? `&cursor=${cursor}` : ''));
      all.push(page[key] as T[]);
      cursor = page.nextCursor as string | null | undefined;
      if (!cursor) return all;
    }
  }

  async function lines(query: string): Promise<Line[]> {
    return (await getJson<{ series: Line[] }>(server, `/api/history/query?${query}`)).series;
  }

  /** The only line of a metric. */
  async function ask(metric: string, aggregate: string, range = fourMinutes): Promise<(number | null)[] | undefined> {
    return values((await lines(`metric=${metric}&${range}&aggregate=${aggregate}`))[0]);
  }

  it('finds a push by every endpoint as soon as it is acknowledged', async () => {
    for (let round = 1; round <= 5; round++) {
      await pushAll([{ name: 'fresh_total', value: 2, labels: { app: 'a' } }]);
      const { samples } = await getJson<SamplesPage>(server, '/api/history/samples?metric=fresh_total');
      expect(samples).toHaveLength(round);
      const [line] = await lines('metric=fresh_total&aggregate=increase&step=1h&from=-1h');
      expect(values(line)!.reduce((sum, value) => sum! + value!, 0)).toBe(2 * round);
      const { series } = await getJson<{ series: { value: number }[] }>(
        server,
        '/api/history/series?metric=fresh_total',
      );
      expect(series.map(({ value }) => value)).toEqual([2 * round]);
      const rows = await getJson<RowsPage>(server, '/api/admin/custom-metrics');
      expect(rows.metrics.findLast(({ name }) => name === 'fresh_total')?.value).toBe(2 * round);
    }
    const page = await (await get('/api/admin/custom-metrics/prometheus')).text();
    expect(page).toContain('# TYPE fresh_total counter\nfresh_total{app="a"} 10\n');
    expect(page).not.toContain('process_cpu');
  });

  it("lists what each series held at the end of each minute, as Unleash's admin API did", async () => {
    await pushAll([
      at(0, 'row_total', 1, { app: 'a' }),
      at(59, 'row_total', 2, { app: 'a' }),
      at(150, 'row_total', 4, { app: 'a' }),
      at(10, 'row_gauge', 7),
      at(20, 'row_gauge', 5),
    ]);
    const range = `from=${BASE}&to=${BASE + 3 * MINUTE}`;
    const answer = await getJson<RowsPage>(server, `/api/admin/custom-metrics?${range}`);
    expect(answer).toMatchObject({
      metrics: [
        { name: 'row_total', value: 3, labels: { app: 'a' }, timestamp: iso(0) },
        { name: 'row_gauge', value: 5, timestamp: iso(0) },
        { name: 'row_total', value: 7, labels: { app: 'a' }, timestamp: iso(120) },
      ],
      count: 3,
      metricNames: ['row_total', 'row_gauge'],
    });
    expect(answer.metrics[1]).not.toHaveProperty('labels');
    expect(answer.nextCursor).toBeUndefined();
    // A total counts what was pushed before the range, too.
    const later = await getJson<RowsPage>(
      server,
      `/api/admin/custom-metrics?from=${BASE + 2 * MINUTE}&to=${BASE + 3 * MINUTE}`,
    );
    expect(later.metrics.map(({ value }) => value)).toEqual([7]);
    const paged = await pages(`/api/admin/custom-metrics?${range}&limit=1`, 'metrics');
    expect(paged).toHaveLength(3);
    expect(paged.flat()).toEqual(answer.metrics);
  });

  it('lists metrics and series in pages', async () => {
    await pushAll(['c', 'a', 'b'].map((app) => ({ name: `listed_${app}`, value: 1, labels: { app }, unit: 'bytes' })));
    await pushAll([
      { name: 'listed_a', value: 2, labels: { app: 'a', zone: '1' } },
      { name: 'listed_a', value: 3, labels: { app: 'x', zone: '1' } },
    ]);
    const metrics = (await pages<{ name: string }>('/api/history/metrics?search=LISTED&limit=2', 'metrics')).flat();
    expect(metrics.map(({ name }) => name)).toEqual(['listed_a', 'listed_b', 'listed_c']);
    expect(metrics[0]).toMatchObject({ type: 'gauge', temporality: null, help: null, unit: 'bytes', seriesCount: 3 });
    expect(metrics[0]).toHaveProperty('lastPushAt', expect.stringMatching(/Z$/));

    const idsOf = async (query: string) =>
      (await pages<{ labels: object }>(`/api/history/series?metric=listed_a&limit=1${query}`, 'series'))
        .flat()
        .map(({ labels }) => labels);
    expect(await idsOf('')).toEqual([{ app: 'a' }, { app: 'a', zone: '1' }, { app: 'x', zone: '1' }]);
    expect(await idsOf('&label=app=a')).toEqual([{ app: 'a' }, { app: 'a', zone: '1' }]);
    expect(await idsOf('&label=app=a&label=app=x&label=zone=1')).toEqual([
      { app: 'a', zone: '1' },
      { app: 'x', zone: '1' },
    ]);
    expect(await idsOf('&label=zone=')).toEqual([{ app: 'a' }]);
  });

  it('gives raw samples in time order, and pages that join without gap or overlap', async () => {
    const items = Array.from({ length: 60 }, (_, index) =>
      at((index * 7) % 20, 'paged_total', index, { app: String(index % 3) }),
    );
    await pushAll(items);
    const path = `/api/history/samples?metric=paged_total&from=${BASE}&to=${BASE + 20_000}`;
    const { samples: all } = await getJson<SamplesPage>(server, path);
    expect(all).toHaveLength(60);
    expect(all.map((sample) => sample.at)).toEqual(all.map((sample) => sample.at).toSorted());
    for (const limit of [1, 7, 20, 59, 60]) {
      const paged = await pages(`${path}&limit=${limit}`, 'samples');
      expect(paged.flat()).toEqual(all);
      expect(paged).toHaveLength(Math.ceil(60 / limit));
    }
    const [end] = (await getJson<SamplesPage>(server, path.replace(String(BASE + 20_000), iso(19)))).samples.slice(-1);
    expect(end!.at < iso(19)).toBe(true);
  });

  it('streams CSV, compressed when asked, with harmless and quoted fields', async () => {
    await pushAll([
      at(0, 'csv_total', 1.5, { who: 'a "quoted", name', value: 'collides' }),
      at(1, 'csv_total', 2, { who: '=HYPERLINK("evil")' }),
    ]);
    const path = `/api/history/samples?metric=csv_total&from=${BASE}&to=${BASE + MINUTE}`;
    const expected = [
      'metric,at,value,label_value,who',
      `csv_total,${iso(0)},1.5,collides,"a ""quoted"", name"`,
      `csv_total,${iso(1)},2,,"'=HYPERLINK(""evil"")"`,
      '',
    ].join('\r\n');
    const plain = await get(path, { Accept: 'text/csv; charset=utf-8', 'Accept-Encoding': 'identity' });
    expect(plain.headers.get('content-type')).toContain('text/csv');
    expect(plain.headers.get('content-disposition')).toBe('attachment; filename=csv_total.csv');
    expect(await plain.text()).toBe(expected);

    const request = http.get(server.url + path, {
      headers: { Authorization: ADMIN_TOKEN, Accept: 'text/csv', 'Accept-Encoding': 'gzip' },
    });
    const [response] = (await once(request, 'response')) as [http.IncomingMessage];
    expect(response.headers['content-encoding']).toBe('gzip');
    const chunks: Buffer[] = [];
    for await (const chunk of response) chunks.push(chunk as Buffer);
    expect(gunzipSync(Buffer.concat(chunks)).toString()).toBe(expected);

    const refused = await get(`${path}&limit=5`, { Accept: 'text/csv' });
    expect([refused.status, ((await refused.json()) as ErrorBody).details[0]!.path]).toEqual([400, '/query/limit']);
  });

  it('lets go of a CSV whose client went away', async () => {
    for (let batch = 0; batch < 5; batch++) {
      await pushAll(
        Array.from({ length: 2_000 }, (_, index) =>
          at(batch * 20 + index / 100, 'large_gauge', index, { pad: 'x'.repeat(900) }),
        ),
      );
    }
    const path = `/api/history/samples?metric=large_gauge&from=${BASE}&to=${BASE + 2 * MINUTE}`;
    // More requests than there are places: they would be refused if the places were not given back.
    for (let round = 0; round < 40; round++) {
      // On a busy machine the server may not have heard yet of those that went away.
      await eventually(async () => {
        const request = http.get(server.url + path, { headers: { Authorization: ADMIN_TOKEN, Accept: 'text/csv' } });
        const [response] = (await once(request, 'response')) as [http.IncomingMessage];
        request.destroy();
        expect(response.statusCode).toBe(200);
      });
      await sleep(5);
    }
    const whole = await get(path, { Accept: 'text/csv' });
    expect((await whole.text()).split('\r\n')).toHaveLength(10_002);
  });

  it('refuses what is too much with 503, and takes pushes all the while', async () => {
    const path = `/api/history/samples?metric=large_gauge&from=${BASE}&to=${BASE + 2 * MINUTE}`;
    const agent = new http.Agent({ maxSockets: Infinity });
    // Clients that read nothing: each keeps its place.
    const clients: http.ClientRequest[] = [];
    await Promise.all(
      Array.from({ length: 32 }, () =>
        // On a busy machine a place of the test before may still be taken.
        eventually(async () => {
          const headers = { Authorization: ADMIN_TOKEN, Accept: 'text/csv' };
          const request = http.get(server.url + path, { agent, headers });
          const [response] = (await once(request, 'response')) as [http.IncomingMessage];
          if (response.statusCode === 200) clients.push(request);
          else request.destroy();
          expect(response.statusCode).toBe(200);
        }),
      ),
    );
    const refused = await get('/api/history/samples?metric=large_gauge');
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '2']);
    await pushAll([{ name: 'meanwhile_total', value: 1 }]);
    for (const client of clients) client.destroy();
    let status: number;
    do ({ status } = await get('/api/history/samples?metric=meanwhile_total'));
    while (status === 503);
    expect(status).toBe(200);
  });

  it('answers delta counters with increase, rate and running total', async () => {
    await pushAll([
      at(60, 'delta_total', 6, { app: 'a' }),
      at(61, 'delta_total', 12, { app: 'b' }),
      at(119.999, 'delta_total', 0.5, { app: 'a' }),
      at(180, 'delta_total', 1, { app: 'a' }),
    ]);
    expect(await ask('delta_total', 'increase')).toEqual([0, 18.5, 0, 1]);
    expect(await ask('delta_total', 'sum')).toEqual([0, 18.5, 0, 1]);
    expect(await ask('delta_total', 'rate')).toEqual([0, 18.5 / 60, 0, 1 / 60]);
    expect(await ask('delta_total', 'count')).toEqual([0, 3, 0, 1]);
    expect(await ask('delta_total', 'last')).toEqual([null, 18.5, 18.5, 19.5]);
    expect(await ask('delta_total', 'max')).toEqual([null, 12, null, 1]);
    expect(await ask('delta_total', 'p50')).toEqual([null, 6, null, 1]);
    const grouped = await lines(`metric=delta_total&${fourMinutes}&aggregate=last&groupBy=app`);
    expect(grouped.map((line) => [line.labels, values(line)])).toEqual([
      [{ app: 'a' }, [null, 6.5, 6.5, 7.5]],
      [{ app: 'b' }, [null, 12, 12, 12]],
    ]);
    const [filtered] = await lines(`metric=delta_total&${fourMinutes}&label=app=b`);
    expect(values(filtered)).toEqual([0, 12, 0, 0]);
    // What came before the range is in the total.
    const [later] = await lines(
      `metric=delta_total&from=${BASE + 2 * MINUTE}&to=${BASE + 4 * MINUTE}&step=1m&aggregate=last`,
    );
    expect(values(later)).toEqual([18.5, 19.5]);
  });

  it('sees through restarts of a cumulative counter', async () => {
    const cumulative = { temporality: 'cumulative' };
    await pushAll([
      at(0, 'cumulative_total', 5, {}, cumulative),
      at(30, 'cumulative_total', 8, {}, cumulative),
      at(60, 'cumulative_total', 2, {}, cumulative),
      at(180, 'cumulative_total', 4, {}, cumulative),
    ]);
    expect(await ask('cumulative_total', 'increase')).toEqual([8, 2, 0, 2]);
    expect(await ask('cumulative_total', 'sum')).toEqual([8, 2, 0, 2]);
    expect(await ask('cumulative_total', 'last')).toEqual([8, 2, 2, 4]);
    // The total before the range is what the first sample in it grew from.
    expect(
      await ask('cumulative_total', 'increase', `from=${BASE + 3 * MINUTE}&to=${BASE + 4 * MINUTE}&step=1m`),
    ).toEqual([2]);
  });

  it('answers gauges, carries the last value on, and refuses their rate', async () => {
    await pushAll([
      at(0, 'gauge_celsius', 10, { room: 'a' }),
      at(10, 'gauge_celsius', 20, { room: 'a' }),
      at(20, 'gauge_celsius', 3, { room: 'b' }),
      at(130, 'gauge_celsius', -5, { room: 'a' }),
    ]);
    expect(await ask('gauge_celsius', 'avg')).toEqual([11, null, -5, null]);
    expect(await ask('gauge_celsius', 'sum')).toEqual([33, null, -5, null]);
    expect(await ask('gauge_celsius', 'min')).toEqual([3, null, -5, null]);
    expect(await ask('gauge_celsius', 'last')).toEqual([23, 23, -2, -2]);
    const refusal = await refusalOf(`/api/history/query?metric=gauge_celsius&${fourMinutes}&aggregate=rate`);
    expect(refusal).toMatchObject({ status: 400, details: [{ path: '/query/aggregate' }] });
    expect(refusal.details[0]!.message).toContain('push it as a counter');
  });

  it('names limits and their cures', async () => {
    const points = await refusalOf('/api/history/query?metric=delta_total&from=-1h&step=1s');
    expect(points).toMatchObject({ status: 400, details: [{ path: '/query/step' }] });
    expect(points.details[0]!.message).toMatch(/HISTORY_MAX_POINTS\) is 400\. Use step=\d+s/);
    const samples = await refusalOf('/api/history/query?metric=large_gauge&from=-1h');
    expect(samples).toMatchObject({ status: 400, details: [{ path: '/query/from' }] });
    expect(samples.details[0]!.message).toContain('HISTORY_MAX_SAMPLES');
  });

  it('cuts a range to what is kept, and says so', async () => {
    const answer = await getJson<SamplesPage>(server, '/api/history/samples?metric=delta_total&from=2001-01-01&to=now');
    expect(answer.truncated).toBe(true);
    expect(answer.truncatedBecause).toContain('RETENTION_DAYS');
    expect(answer.samples).toHaveLength(4);
    expect((await getJson<SamplesPage>(server, '/api/history/samples?metric=delta_total')).truncated).toBe(false);
  });

  it.each([
    ['/api/history/samples?metric=delta_total&from=yesterday', '/query/from'],
    ['/api/history/samples?metric=delta_total&from=now&to=-1h', '/query/from'],
    ['/api/history/samples?metric=delta_total&to=2026-02-30', '/query/to'],
    ['/api/history/samples?metric=delta_total&limit=0', '/query/limit'],
    ['/api/history/samples?metric=delta_total&limit=10001', '/query/limit'],
    ['/api/history/samples?metric=delta_total&limit=many', '/query/limit'],
    ['/api/history/samples?metric=delta_total&cursor=AAAAAAAAAAAA', '/query/cursor'],
    ['/api/history/samples?metric=delta_total&label=app', '/query/label/0'],
    ['/api/history/samples', '/query/metric'],
    ['/api/history/samples?metric=delta_total&metric=row_total', '/query/metric'],
    ['/api/history/query?metric=delta_total&step=fast', '/query/step'],
    ['/api/history/query?metric=delta_total&step=0', '/query/step'],
    ['/api/history/query?metric=delta_total&aggregate=median', '/query/aggregate'],
    ['/api/history/query?metric=delta_total&groupBy=a-b', '/query/groupBy'],
    ['/api/admin/custom-metrics?limit=-1', '/query/limit'],
    ['/api/admin/custom-metrics?cursor=x', '/query/cursor'],
    ['/api/history/metrics?cursor=x', '/query/cursor'],
    ['/api/history/series?metric=delta_total&cursor=x', '/query/cursor'],
  ])('refuses %s', async (path, where) => {
    expect(await refusalOf(path)).toMatchObject({ status: 400, name: 'BadDataError', details: [{ path: where }] });
  });

  it('takes no cursor of another request', async () => {
    const page = await getJson<SamplesPage>(server, '/api/history/samples?metric=delta_total&limit=1');
    expect(await refusalOf(`/api/history/samples?metric=row_total&limit=1&cursor=${page.nextCursor}`)).toMatchObject({
      status: 400,
      details: [{ path: '/query/cursor' }],
    });
  });

  it('says which metric may have been meant', async () => {
    const refusal = await refusalOf('/api/history/query?metric=detla_total');
    expect(refusal).toMatchObject({ status: 404, name: 'NotFoundError' });
    expect(refusal.message).toContain('Did you mean delta_total?');
    expect(refusal.message).toContain('GET /api/history/metrics');
  });

  it('asks for a token that may read', async () => {
    const paths = [
      '/api/history/metrics',
      '/api/history/series?metric=delta_total',
      '/api/history/samples?metric=delta_total',
      '/api/history/query?metric=delta_total',
      '/api/admin/custom-metrics',
      '/api/admin/custom-metrics/prometheus',
    ];
    for (const path of paths) {
      expect([path, (await fetch(server.url + path)).status]).toEqual([path, 401]);
      expect([path, (await get(path, { Authorization: 'unknown' })).status]).toEqual([path, 401]);
      expect([path, (await get(path, { Authorization: INGEST_TOKEN })).status]).toEqual([path, 403]);
      expect([path, (await get(path)).status]).toEqual([path, 200]);
    }
  });
});
