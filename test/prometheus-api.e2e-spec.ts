import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { isInstalled, startPrometheus } from './support/prometheus.js';
import {
  ADMIN_TOKEN,
  INGEST_TOKEN,
  type Item,
  push,
  scrape,
  startServer,
  type TestServer,
  valueOn,
} from './support/server.js';
import { createTestDatabase, type TestDatabase } from './support/test-database.js';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** Whole minutes, so that grids and steps fall on known times. */
const NOW = Math.floor(Date.now() / MINUTE_MS) * MINUTE_MS;

interface Answer<T> {
  readonly status: 'success' | 'error';
  readonly data: T;
  readonly errorType?: string;
  readonly error?: string;
  readonly warnings?: readonly string[];
}

interface QueryResult {
  readonly resultType: string;
  readonly result: readonly {
    readonly metric: Readonly<Record<string, string>>;
    readonly value: readonly [number, string];
    readonly values: readonly (readonly [number, string])[];
  }[];
}

let database: TestDatabase;
let server: TestServer;

function byText(a: string, b: string): number {
  return a < b ? -1 : 1;
}

function seconds(at: number): string {
  return String(at / 1_000);
}

async function ask<T>(
  path: string,
  parameters: Record<string, string> | [string, string][] = {},
  init: RequestInit = {},
): Promise<{ status: number; body: Answer<T>; text: string; headers: Headers }> {
  const query = new URLSearchParams(parameters).toString();
  const response = await fetch(`${server.url}/api/v1/${path}${query === '' ? '' : `?${query}`}`, {
    ...init,
    headers: { Authorization: `Bearer ${ADMIN_TOKEN}`, ...init.headers },
  });
  const text = await response.text();
  return { status: response.status, body: JSON.parse(text) as Answer<T>, text, headers: response.headers };
}

function askForm<T>(path: string, parameters: Record<string, string> | [string, string][]) {
  return ask<T>(path, {}, { method: 'POST', body: new URLSearchParams(parameters) });
}

/** The values of an instant query by the values of one label. */
async function valuesOf(query: string, at = NOW, rest: Record<string, string> = {}): Promise<Record<string, number>> {
  const { status, body } = await ask<QueryResult>('query', { query, time: seconds(at), ...rest });
  expect({ query, status, error: body.error }).toEqual({ query, status: 200, error: undefined });
  return Object.fromEntries(body.data.result.map(({ metric, value }) => [metric.app ?? '', Number(value[1])]));
}

async function pushAll(items: readonly Item[]): Promise<void> {
  const response = await push(server, items);
  expect({ status: response.status, text: await response.text() }).toEqual({ status: 202, text: '' });
}

beforeAll(async () => {
  database = await createTestDatabase();
  server = await startServer({ DATABASE_URL: database.url, PROMQL_TIMEOUT: '20s', PROMQL_MAX_SAMPLES: '900000000' });
  // An hour and more of pushes every twenty minutes: to Prometheus' five minutes mostly gaps.
  const at = (minutes: number) => NOW - minutes * MINUTE_MS;
  await pushAll([
    ...[65, 45, 25, 5].flatMap((minutes): Item[] => [
      {
        name: 'orders_total',
        value: 10,
        labels: { app: 'shop', status: 'paid' },
        timestamp: at(minutes),
        help: 'Orders',
      },
      { name: 'orders_total', value: 1, labels: { app: 'shop2', status: 'open' }, timestamp: at(minutes) },
      {
        name: 'queue_length',
        value: minutes,
        labels: { app: 'shop' },
        timestamp: at(minutes),
        help: 'Waiting',
        unit: 'items',
      },
    ]),
    { name: 'old_gauge', value: 7, labels: { app: 'gone' }, timestamp: NOW - 30 * HOUR_MS },
    { name: 'running_total', value: 100, labels: { app: 'c' }, temporality: 'cumulative', timestamp: at(30) },
    { name: 'running_total', value: 160, labels: { app: 'c' }, temporality: 'cumulative', timestamp: at(10) },
  ]);
});

afterAll(async () => {
  await server?.stop();
  await database?.drop();
});

describe('the held view', () => {
  it('shows totals and values until the next push', async () => {
    expect(await valuesOf('orders_total')).toEqual({ shop: 40, shop2: 4 });
    expect(await valuesOf('orders_total', NOW - 10 * MINUTE_MS)).toEqual({ shop: 30, shop2: 3 });
    expect(await valuesOf('queue_length', NOW - 10 * MINUTE_MS)).toEqual({ shop: 25 });
    expect(await valuesOf('running_total')).toEqual({ c: 160 });
  });

  it('shows nothing before the first push, but the 0 of a counter', async () => {
    expect(await valuesOf('orders_total', NOW - 66 * MINUTE_MS)).toEqual({});
    expect(await valuesOf('orders_total', NOW - 65 * MINUTE_MS - 10_000)).toEqual({ shop: 0, shop2: 0 });
    expect(await valuesOf('queue_length', NOW - 65 * MINUTE_MS - 10_000)).toEqual({});
  });

  it('ends a gauge a day after its last push, and a counter never', async () => {
    expect(await valuesOf('old_gauge', NOW - 7 * HOUR_MS)).toEqual({ gone: 7 });
    expect(await valuesOf('old_gauge')).toEqual({});
  });

  it('gives increases that are right within the width of the grid', async () => {
    const { shop } = await valuesOf('increase(orders_total[1h])');
    expect(shop).toBeGreaterThan(29);
    expect(shop).toBeLessThan(31);
    expect((await valuesOf('increase(orders_total[2h])')).shop).toBeGreaterThan(39.5);
  });

  it('has no gaps', async () => {
    const { body } = await ask<QueryResult>('query_range', {
      query: 'queue_length',
      start: seconds(NOW - HOUR_MS),
      end: seconds(NOW),
      step: '60',
    });
    expect(body.data.resultType).toBe('matrix');
    expect(body.data.result[0]!.values).toHaveLength(61);
    expect(body.data.result[0]!.values[0]).toEqual([(NOW - HOUR_MS) / 1_000, '65']);
  });
});

describe('the other views', () => {
  it.each([
    ['raw', 'queue_length', { shop: 5 }],
    ['raw', 'orders_total', { shop: 40, shop2: 4 }],
    ['delta', 'orders_total', { shop: 10, shop2: 1 }],
  ])('%s: %s looks back as Prometheus does', async (view, query, expected) => {
    expect(await valuesOf(query, NOW - 4 * MINUTE_MS, { view })).toEqual(expected);
    expect(await valuesOf(`${query}{__view__="${view}"}`, NOW - 4 * MINUTE_MS)).toEqual(expected);
    expect(await valuesOf(query, NOW - 10 * MINUTE_MS, { view })).toEqual({});
    expect(Object.keys(await valuesOf(query, NOW - 10 * MINUTE_MS, { view, lookback_delta: '20m' }))).not.toEqual([]);
  });

  it('delta: sums are exact', async () => {
    expect(await valuesOf('sum_over_time(orders_total{__view__="delta"}[1h])')).toEqual({ shop: 30, shop2: 3 });
    expect(await valuesOf('sum_over_time(orders_total[50m])', NOW, { view: 'delta' })).toEqual({ shop: 30, shop2: 3 });
  });

  it('refuses one that does not exist', async () => {
    expect(await ask('query', { query: 'x{__view__="none"}' })).toMatchObject({
      status: 400,
      body: { status: 'error', errorType: 'bad_data', error: expect.stringContaining('invalid view') },
    });
  });
});

// The calls that Grafana's Prometheus data source makes, as it makes them.
describe('what Grafana asks', () => {
  it('save and test', async () => {
    const { body, text, headers } = await askForm<unknown>('query', { query: '1+1', time: '4' });
    expect(body).toEqual({ status: 'success', data: { resultType: 'scalar', result: [4, '2'] } });
    expect(text).toMatch(/^\{"status":"success","data":\{"resultType":/);
    expect(headers.get('content-type')).toMatch('application/json');
    const info = await ask<{ version: string; features?: unknown }>('status/buildinfo');
    expect(info.body.data.version).toMatch(/^[3-9]\.\d+\.\d+$/);
    expect(info.body.data).not.toHaveProperty('features');
  });

  it('panels', async () => {
    const range = { start: '1700000000.123', end: '1700003600.123', step: '15', timeout: '60', view: 'held' };
    const { status, body } = await askForm<QueryResult>('query_range', {
      query: 'sum(rate(orders_total[5m]))',
      ...range,
    });
    expect({ status, body }).toEqual({
      status: 200,
      body: { status: 'success', data: { resultType: 'matrix', result: [] } },
    });
    const inTime = { start: seconds(NOW - HOUR_MS), end: seconds(NOW), step: '300' };
    const panel = await askForm<QueryResult>('query_range', { query: 'sum by (app) (orders_total)', ...inTime });
    expect(panel.body.data.result.map(({ metric, values }) => [metric.app, values.at(-1)![1]])).toEqual([
      ['shop', '40'],
      ['shop2', '4'],
    ]);
  });

  it('drilldown: a POST with an empty body and the query in the URL', async () => {
    const query =
      'group by (__name__) ({__name__!=""}) unless on (__name__) group by (__name__) ({__name__!=""} offset 30h)';
    const { body } = await ask<QueryResult>('query', { query, time: seconds(NOW) }, { method: 'POST' });
    expect(body.data.result.map(({ metric }) => metric['__name__']!).toSorted(byText)).toEqual([
      'orders_total',
      'queue_length',
      'running_total',
    ]);
  });

  it('what is asked on load', async () => {
    expect((await ask('rules')).body).toEqual({ status: 'success', data: { groups: [] } });
    expect((await ask('alerts')).body).toEqual({ status: 'success', data: { alerts: [] } });
    const exemplars = { query: 'test', start: String(NOW - HOUR_MS), end: String(NOW) };
    expect((await askForm('query_exemplars', exemplars)).body).toEqual({ status: 'success', data: [] });
    expect((await ask('query_exemplars', exemplars)).body).toEqual({ status: 'success', data: [] });
    expect((await ask('status/flags')).body.data).toMatchObject({ 'query.lookback-delta': '300s' });
  });

  it('metadata', async () => {
    const { body } = await ask<Record<string, unknown>>('metadata');
    expect(body.data.queue_length).toEqual([{ type: 'gauge', help: 'Waiting', unit: 'items' }]);
    expect(body.data.orders_total).toEqual([{ type: 'counter', help: 'Orders', unit: '' }]);
    expect((await ask('metadata', { metric: 'orders_total' })).body.data).toEqual({
      orders_total: [{ type: 'counter', help: 'Orders', unit: '' }],
    });
    expect(Object.keys((await ask<object>('metadata', { limit: '1' })).body.data)).toHaveLength(1);
  });

  it('values of labels', async () => {
    const times = { start: seconds(NOW - HOUR_MS), end: seconds(NOW), limit: '40000' };
    expect((await ask('label/__name__/values', times)).body.data).toEqual([
      'old_gauge',
      'orders_total',
      'queue_length',
      'running_total',
    ]);
    const matching = await ask('label/app/values', [
      ['match[]', 'orders_total'],
      ['match[]', '{__name__=~"queue.*"}'],
    ]);
    expect(matching.body).toEqual({ status: 'success', data: ['shop', 'shop2'] });
    expect((await ask('label/U__app/values')).body.data).toEqual(['c', 'gone', 'shop', 'shop2']);
    expect((await ask('label/U__no_2e_such/values')).body.data).toEqual([]);
    expect((await ask('label/app/values', { limit: '1' })).body).toEqual({
      status: 'success',
      data: ['c'],
      warnings: ['results truncated due to limit'],
    });
  });

  it('names of labels', async () => {
    expect((await askForm('labels', { 'match[]': 'queue_length' })).body.data).toEqual(['__name__', 'app']);
    expect((await ask('labels')).body.data).toEqual(['__name__', 'app', 'status']);
  });

  it('series', async () => {
    const { body } = await askForm('series', { 'match[]': '{__name__!="",app="shop"}', limit: '10' });
    expect(body.data).toEqual([
      { __name__: 'orders_total', app: 'shop', status: 'paid' },
      { __name__: 'queue_length', app: 'shop' },
    ]);
  });

  it('the editor', async () => {
    expect((await ask('format_query', { query: 'sum(up)by(app)' })).body).toEqual({
      status: 'success',
      data: 'sum by (app) (up)',
    });
    expect((await askForm('parse_query', { query: '1' })).body.data).toMatchObject({ type: 'numberLiteral', val: '1' });
  });
});

describe('a read of what was just acknowledged', () => {
  it('also finds it on another process', async () => {
    const other = await startServer({ DATABASE_URL: database.url });
    try {
      await push(other, [{ name: 'fresh_total', value: 3, labels: { app: 'new' } }]);
      const { body } = await ask<QueryResult>('query', { query: 'fresh_total' });
      expect(body.data.result.map(({ value }) => value[1])).toEqual(['3']);
      await push(other, [{ name: 'fresher_total', value: 3, labels: { app: 'newer' } }]);
      expect((await ask<string[]>('label/__name__/values')).body.data).toContain('fresher_total');
      await push(other, [{ name: 'fresher_total', value: 4, labels: { app: 'newest' } }]);
      expect((await ask('series', { 'match[]': 'fresher_total{app=~"newe.+"}' })).body.data).toHaveLength(2);
    } finally {
      await other.stop();
    }
  });
});

describe('refusals', () => {
  const range = { start: '0', end: '11001', step: '1' };

  it.each([
    ['query', { query: '' }, 400, 'bad_data', 'no expression found in input'],
    ['query', { query: 'sum(' }, 400, 'bad_data', 'invalid parameter "query": 1:5: parse error: '],
    ['query', { query: 'rate(x)' }, 400, 'bad_data', 'expected type range vector'],
    [
      'query',
      { query: 'up', time: 'x' },
      400,
      'bad_data',
      'invalid parameter "time": cannot parse "x" to a valid timestamp',
    ],
    ['query', { query: 'up', timeout: 'x' }, 400, 'bad_data', 'invalid parameter "timeout"'],
    [
      'query_range',
      { query: 'up', ...range },
      400,
      'bad_data',
      'exceeded maximum resolution of 11,000 points per timeseries',
    ],
    [
      'query_range',
      { query: 'up[5m]', start: '0', end: '1', step: '1' },
      400,
      'bad_data',
      'invalid expression type "range vector"',
    ],
    [
      'query',
      { query: 'orders_total + on() orders_total' },
      422,
      'execution',
      'found duplicate series for the match group',
    ],
    ['series', {}, 400, 'bad_data', 'no match[] parameter provided'],
    ['series', { 'match[]': '{app=""}' }, 400, 'bad_data', 'match[] must contain at least one non-empty matcher'],
    ['series', { 'match[]': '1+' }, 400, 'bad_data', 'invalid parameter "match[]": '],
    ['labels', { limit: '-1' }, 400, 'bad_data', 'limit must be non-negative'],
    ['format_query', { query: '1+' }, 400, 'bad_data', 'parse error'],
    ['query', { query: '{app=~"("}' }, 400, 'bad_data', 'parse error'],
  ])('%s %j', async (path, parameters: Record<string, string>, status, errorType, error) => {
    const answer = await ask(path, parameters);
    expect(answer.body).toEqual({
      status: 'error',
      errorType,
      error: expect.stringContaining(error),
    });
    expect(answer.status).toBe(status);
  });

  it.each([
    ['no token', {}, 401, 'unauthorized'],
    ['another one', { Authorization: 'Bearer wrong' }, 401, 'unauthorized'],
  ])('%s', async (_, headers, status, errorType) => {
    const response = await fetch(`${server.url}/api/v1/query?query=1`, { headers });
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({ status: 'error', errorType });
  });

  it('takes a token as the password of basic auth', async () => {
    const credentials = Buffer.from(`grafana:${ADMIN_TOKEN}`).toString('base64');
    const response = await fetch(`${server.url}/api/v1/query?query=1`, {
      headers: { Authorization: `Basic ${credentials}` },
    });
    expect(response.status).toBe(200);
  });

  it.each(['1ms', '100ms'])('ends a query that takes longer than it may: %s', async (timeout) => {
    // A million evaluations of an expression that is cheap to write.
    const query = `count_over_time((orders_total${' + on(app) orders_total'.repeat(20)})[10d:1s])`;
    const { status, body } = await ask('query', { query, timeout, time: seconds(NOW) });
    expect({ status, errorType: body.errorType }).toEqual({ status: 503, errorType: 'timeout' });
    expect((await ask('query', { query: '1' })).status).toBe(200);
  });
});

describe('a stale marker', () => {
  it('ends what a series shows, in every view', async () => {
    const page = (method: string, body?: string) =>
      fetch(`${server.url}/metrics/job/nightly`, {
        method,
        headers: { Authorization: `Bearer ${INGEST_TOKEN}` },
        body,
      });
    expect((await page('PUT', '# TYPE nightly_rows gauge\nnightly_rows{app="batch"} 5\n')).status).toBeLessThan(300);
    const pushedAt = Date.now();
    const now = () => Date.now() + 1_000;
    expect(await valuesOf('nightly_rows', now())).toEqual({ batch: 5 });
    expect(await valuesOf('nightly_rows', now(), { view: 'raw' })).toEqual({ batch: 5 });
    expect((await page('DELETE')).status).toBeLessThan(300);
    expect(await valuesOf('nightly_rows', now())).toEqual({});
    expect(await valuesOf('nightly_rows', now(), { view: 'raw' })).toEqual({});
    expect(await valuesOf('nightly_rows', now() + HOUR_MS)).toEqual({});
    expect(await valuesOf('last_over_time(nightly_rows[1h])', pushedAt + 20_000)).toEqual({});
    expect(await valuesOf('last_over_time(nightly_rows[1h])', pushedAt + 20_000, { view: 'raw' })).toEqual({
      batch: 5,
    });
    const { body } = await ask<unknown[]>('series', { 'match[]': '{app="batch"}' });
    expect(body.data).toEqual([{ __name__: 'nightly_rows', app: 'batch', job: 'nightly' }]);
  });
});

const hasPromtool = isInstalled('promtool');

(hasPromtool ? describe : describe.skip)(hasPromtool ? 'promtool' : 'promtool (skipped: not installed)', () => {
  function promtool(...args: string[]): Promise<string> {
    const url = new URL(server.url);
    url.username = 'promtool';
    url.password = ADMIN_TOKEN;
    return promisify(execFile)('promtool', ['query', ...args.map((arg) => (arg === 'URL' ? url.href : arg))]).then(
      ({ stdout }) => stdout,
    );
  }

  it('query instant', async () => {
    expect(await promtool('instant', `--time=${seconds(NOW)}`, 'URL', 'orders_total{app="shop"}')).toContain(
      'orders_total{app="shop", status="paid"} => 40 @',
    );
  });

  it('query range', async () => {
    const output = await promtool(
      'range',
      `--start=${seconds(NOW - HOUR_MS)}`,
      `--end=${seconds(NOW)}`,
      '--step=10m',
      'URL',
      'sum(orders_total)',
    );
    expect(output.trim().split('\n').at(-1)).toBe(`44 @[${NOW / 1_000}]`);
  });

  it('query series', async () => {
    expect(await promtool('series', '--match=queue_length', 'URL')).toContain('{__name__="queue_length", app="shop"}');
  });

  it('query labels', async () => {
    expect((await promtool('labels', 'URL', 'status')).trim().split('\n')).toEqual(['open', 'paid']);
  });
});

const hasPrometheus = isInstalled('prometheus');

(hasPrometheus ? describe : describe.skip)(
  hasPrometheus ? 'a real Prometheus' : 'a real Prometheus (skipped: not installed)',
  () => {
    it('asks by remote_read for what only we have', async () => {
      const prometheus = await startPrometheus({}, [
        { url: `${server.url}/api/v1/read`, read_recent: true, basic_auth: { username: 'x', password: ADMIN_TOKEN } },
      ]);
      try {
        const at = `@ ${seconds(NOW)}`;
        const total = await prometheus.query(`sum by (app) (orders_total ${at})`);
        expect(total.map(({ metric, value }) => [metric.app, value[1]])).toEqual([
          ['shop', '40'],
          ['shop2', '4'],
        ]);
        const [increase] = await prometheus.query(`increase(orders_total{app="shop"}[1h] ${at})`);
        expect(Number(increase!.value[1])).toBeCloseTo(30, 0);
        expect(await prometheus.query(`old_gauge ${at}`)).toEqual([]);
        expect((await prometheus.query(`old_gauge @ ${seconds(NOW - 7 * HOUR_MS)}`))[0]!.value[1]).toBe('7');
        const [names] = await prometheus.query(`count({app=~"sh.p",__name__!~"queue.*"} ${at})`);
        expect(names!.value[1]).toBe('1');
      } finally {
        await prometheus.stop();
      }
    });
  },
);

it('has counted what was asked, and logged no error', async () => {
  const page = await scrape(server);
  for (const outcome of ['success', 'execution', 'timeout']) {
    expect(valueOn(page, `custom_metrics_promql_query_duration_seconds_count{outcome="${outcome}"}`)).toBeGreaterThan(
      0,
    );
  }
  expect(server.output()).not.toContain('"level":"error"');
});
