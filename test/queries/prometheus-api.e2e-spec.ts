import { setTimeout as sleep } from 'node:timers/promises';
import { HOUR_MS, MINUTE_MS, NOW, PushedHistory, type QueryResult, seconds } from '../support/pushed-history.js';
import { ADMIN_TOKEN, INGEST_TOKEN, push, scrape, startServer, valueOn } from '../support/server.js';

/** The held view has a value at each multiple of this. */
const GRID_MS = 15_000;

let history: PushedHistory;

beforeAll(async () => {
  history = await PushedHistory.start();
});

afterAll(() => history?.stop());

describe('the held view', () => {
  it('shows totals and values until the next push', async () => {
    expect(await history.valuesOf('orders_total')).toEqual({ shop: 40, shop2: 4 });
    expect(await history.valuesOf('orders_total', NOW - 10 * MINUTE_MS)).toEqual({ shop: 30, shop2: 3 });
    expect(await history.valuesOf('queue_length', NOW - 10 * MINUTE_MS)).toEqual({ shop: 25 });
    expect(await history.valuesOf('running_total')).toEqual({ c: 160 });
  });

  it('shows nothing before the first push, except the 0 of a counter', async () => {
    expect(await history.valuesOf('orders_total', NOW - 66 * MINUTE_MS)).toEqual({});
    expect(await history.valuesOf('orders_total', NOW - 65 * MINUTE_MS - 10_000)).toEqual({ shop: 0, shop2: 0 });
    expect(await history.valuesOf('queue_length', NOW - 65 * MINUTE_MS - 10_000)).toEqual({});
  });

  it('ends a gauge a day after its last push, and a counter never', async () => {
    expect(await history.valuesOf('old_gauge', NOW - 7 * HOUR_MS)).toEqual({ gone: 7 });
    expect(await history.valuesOf('old_gauge')).toEqual({});
  });

  it('returns increases that are right within the width of the grid', async () => {
    const { shop } = await history.valuesOf('increase(orders_total[1h])');
    expect(shop).toBeGreaterThan(29);
    expect(shop).toBeLessThan(31);
    expect((await history.valuesOf('increase(orders_total[2h])')).shop).toBeGreaterThan(39.5);
  });

  it('has no gaps', async () => {
    const { body } = await history.ask<QueryResult>('query_range', {
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
    expect(await history.valuesOf(query, NOW - 4 * MINUTE_MS, { view })).toEqual(expected);
    expect(await history.valuesOf(`${query}{__view__="${view}"}`, NOW - 4 * MINUTE_MS)).toEqual(expected);
    expect(await history.valuesOf(query, NOW - 10 * MINUTE_MS, { view })).toEqual({});
    expect(
      Object.keys(await history.valuesOf(query, NOW - 10 * MINUTE_MS, { view, lookback_delta: '20m' })),
    ).not.toEqual([]);
  });

  it('delta: sums are exact', async () => {
    expect(await history.valuesOf('sum_over_time(orders_total{__view__="delta"}[1h])')).toEqual({ shop: 30, shop2: 3 });
    expect(await history.valuesOf('sum_over_time(orders_total[50m])', NOW, { view: 'delta' })).toEqual({
      shop: 30,
      shop2: 3,
    });
  });

  it('refuses one that does not exist', async () => {
    expect(await history.ask('query', { query: 'x{__view__="none"}' })).toMatchObject({
      status: 400,
      body: { status: 'error', errorType: 'bad_data', error: expect.stringContaining('invalid view') },
    });
  });
});

describe('a read of samples that were just acknowledged', () => {
  it('also finds them on another process', async () => {
    const other = await startServer({ DATABASE_URL: history.database.url });
    try {
      await push(other, [{ name: 'fresh_total', value: 3, labels: { app: 'new' } }]);
      const { body } = await history.ask<QueryResult>('query', { query: 'fresh_total' });
      expect(body.data.result.map(({ value }) => value[1])).toEqual(['3']);
      await push(other, [{ name: 'fresher_total', value: 3, labels: { app: 'newer' } }]);
      expect((await history.ask<string[]>('label/__name__/values')).body.data).toContain('fresher_total');
      await push(other, [{ name: 'fresher_total', value: 4, labels: { app: 'newest' } }]);
      expect((await history.ask('series', { 'match[]': 'fresher_total{app=~"newe.+"}' })).body.data).toHaveLength(2);
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
    const answer = await history.ask(path, parameters);
    expect(answer.body).toEqual({
      status: 'error',
      errorType,
      error: expect.stringContaining(error),
    });
    expect(answer.status).toBe(status);
  });

  it.each([
    ['no token', {}, 401, 'unauthorized'],
    ['an unknown token', { Authorization: 'Bearer wrong' }, 401, 'unauthorized'],
  ])('%s', async (_, headers, status, errorType) => {
    const response = await fetch(`${history.server.url}/api/v1/query?query=1`, { headers });
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({ status: 'error', errorType });
  });

  it('accepts a token as the password of basic auth', async () => {
    const credentials = Buffer.from(`grafana:${ADMIN_TOKEN}`).toString('base64');
    const response = await fetch(`${history.server.url}/api/v1/query?query=1`, {
      headers: { Authorization: `Basic ${credentials}` },
    });
    expect(response.status).toBe(200);
  });

  it.each(['1ms', '100ms'])('ends a query that takes longer than it may: %s', async (timeout) => {
    // The expression is short but needs a million evaluations.
    const query = `count_over_time((orders_total${' + on(app) orders_total'.repeat(20)})[10d:1s])`;
    const { status, body } = await history.ask('query', { query, timeout, time: seconds(NOW) });
    expect({ status, errorType: body.errorType }).toEqual({ status: 503, errorType: 'timeout' });
    expect((await history.ask('query', { query: '1' })).status).toBe(200);
  });
});

/** Waits if a point of the grid of the held view would lie between the next requests. It would show the value that they end. */
async function awayFromGrid(): Promise<void> {
  const left = GRID_MS - (Date.now() % GRID_MS);
  if (left < 5_000) await sleep(left + 100);
}

describe('a stale marker', () => {
  it('ends the value of a series in every view', async () => {
    const page = (method: string, body?: string) =>
      fetch(`${history.server.url}/metrics/job/nightly`, {
        method,
        headers: { Authorization: `Bearer ${INGEST_TOKEN}` },
        body,
      });
    await awayFromGrid();
    expect((await page('PUT', '# TYPE nightly_rows gauge\nnightly_rows{app="batch"} 5\n')).status).toBeLessThan(300);
    const pushedAt = Date.now();
    const now = () => Date.now() + 1_000;
    expect(await history.valuesOf('nightly_rows', now())).toEqual({ batch: 5 });
    expect(await history.valuesOf('nightly_rows', now(), { view: 'raw' })).toEqual({ batch: 5 });
    expect((await page('DELETE')).status).toBeLessThan(300);
    expect(await history.valuesOf('nightly_rows', now())).toEqual({});
    expect(await history.valuesOf('nightly_rows', now(), { view: 'raw' })).toEqual({});
    expect(await history.valuesOf('nightly_rows', now() + HOUR_MS)).toEqual({});
    expect(await history.valuesOf('last_over_time(nightly_rows[1h])', pushedAt + 20_000)).toEqual({});
    expect(await history.valuesOf('last_over_time(nightly_rows[1h])', pushedAt + 20_000, { view: 'raw' })).toEqual({
      batch: 5,
    });
    const { body } = await history.ask<unknown[]>('series', { 'match[]': '{app="batch"}' });
    expect(body.data).toEqual([{ __name__: 'nightly_rows', app: 'batch', job: 'nightly' }]);
  });
});

it('has counted the queries, and logged no error', async () => {
  const page = await scrape(history.server);
  for (const outcome of ['success', 'execution', 'timeout']) {
    expect(valueOn(page, `custom_metrics_promql_query_duration_seconds_count{outcome="${outcome}"}`)).toBeGreaterThan(
      0,
    );
  }
  expect(history.server.output()).not.toContain('"level":"error"');
});
