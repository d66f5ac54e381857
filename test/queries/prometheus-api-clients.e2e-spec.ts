import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { isInstalled, startPrometheus } from '../support/prometheus.js';
import { HOUR_MS, NOW, PushedHistory, type QueryResult, seconds } from '../support/pushed-history.js';
import { ADMIN_TOKEN } from '../support/server.js';

let history: PushedHistory;

beforeAll(async () => {
  history = await PushedHistory.start();
});

afterAll(() => history?.stop());

// The calls are those of Grafana's Prometheus data source, in the same form.
describe('the requests of Grafana', () => {
  it('save and test', async () => {
    const { body, text, headers } = await history.askForm<unknown>('query', { query: '1+1', time: '4' });
    expect(body).toEqual({ status: 'success', data: { resultType: 'scalar', result: [4, '2'] } });
    expect(text).toMatch(/^\{"status":"success","data":\{"resultType":/);
    expect(headers.get('content-type')).toMatch('application/json');
    const info = await history.ask<{ version: string; features?: unknown }>('status/buildinfo');
    expect(info.body.data.version).toMatch(/^[3-9]\.\d+\.\d+$/);
    expect(info.body.data).not.toHaveProperty('features');
  });

  it('panels', async () => {
    const range = { start: '1700000000.123', end: '1700003600.123', step: '15', timeout: '60', view: 'held' };
    const { status, body } = await history.askForm<QueryResult>('query_range', {
      query: 'sum(rate(orders_total[5m]))',
      ...range,
    });
    expect({ status, body }).toEqual({
      status: 200,
      body: { status: 'success', data: { resultType: 'matrix', result: [] } },
    });
    const inTime = { start: seconds(NOW - HOUR_MS), end: seconds(NOW), step: '300' };
    const panel = await history.askForm<QueryResult>('query_range', {
      query: 'sum by (app) (orders_total)',
      ...inTime,
    });
    expect(panel.body.data.result.map(({ metric, values }) => [metric.app, values.at(-1)![1]])).toEqual([
      ['shop', '40'],
      ['shop2', '4'],
    ]);
  });

  it('drilldown: a POST with an empty body and the query in the URL', async () => {
    const query =
      'group by (__name__) ({__name__!=""}) unless on (__name__) group by (__name__) ({__name__!=""} offset 30h)';
    const { body } = await history.ask<QueryResult>('query', { query, time: seconds(NOW) }, { method: 'POST' });
    expect(body.data.result.map(({ metric }) => metric['__name__']!).toSorted(byText)).toEqual([
      'orders_total',
      'queue_length',
      'running_total',
    ]);
  });

  it('the requests on load', async () => {
    expect((await history.ask('rules')).body).toEqual({ status: 'success', data: { groups: [] } });
    expect((await history.ask('alerts')).body).toEqual({ status: 'success', data: { alerts: [] } });
    const exemplars = { query: 'test', start: String(NOW - HOUR_MS), end: String(NOW) };
    expect((await history.askForm('query_exemplars', exemplars)).body).toEqual({ status: 'success', data: [] });
    expect((await history.ask('query_exemplars', exemplars)).body).toEqual({ status: 'success', data: [] });
    expect((await history.ask('status/flags')).body.data).toMatchObject({ 'query.lookback-delta': '300s' });
  });

  it('metadata', async () => {
    const { body } = await history.ask<Record<string, unknown>>('metadata');
    expect(body.data.queue_length).toEqual([{ type: 'gauge', help: 'Waiting', unit: 'items' }]);
    expect(body.data.orders_total).toEqual([{ type: 'counter', help: 'Orders', unit: '' }]);
    expect((await history.ask('metadata', { metric: 'orders_total' })).body.data).toEqual({
      orders_total: [{ type: 'counter', help: 'Orders', unit: '' }],
    });
    expect(Object.keys((await history.ask<object>('metadata', { limit: '1' })).body.data)).toHaveLength(1);
  });

  it('values of labels', async () => {
    const times = { start: seconds(NOW - HOUR_MS), end: seconds(NOW), limit: '40000' };
    expect((await history.ask('label/__name__/values', times)).body.data).toEqual([
      'orders_total',
      'queue_length',
      'running_total',
    ]);
    const matching = await history.ask('label/app/values', [
      ['match[]', 'orders_total'],
      ['match[]', '{__name__=~"queue.*"}'],
    ]);
    expect(matching.body).toEqual({ status: 'success', data: ['shop', 'shop2'] });
    expect((await history.ask('label/U__app/values')).body.data).toEqual(['c', 'gone', 'shop', 'shop2']);
    expect((await history.ask('label/U__no_2e_such/values')).body.data).toEqual([]);
    expect((await history.ask('label/app/values', { limit: '1' })).body).toEqual({
      status: 'success',
      data: ['c'],
      warnings: ['results truncated due to limit'],
    });
  });

  it('values of labels of a range', async () => {
    const appsOf = async (start: number, end: number, selector: string) =>
      (
        await history.ask('label/app/values', {
          start: seconds(NOW + start),
          end: seconds(NOW + end),
          'match[]': selector,
        })
      ).body.data;
    const MINUTE_MS = HOUR_MS / 60;
    // The gauge holds its value for 24 hours after its push 30 hours ago.
    expect(await appsOf(-7 * HOUR_MS, -6 * HOUR_MS, '{app=~"gone|shop"}')).toEqual(['gone']);
    expect(await appsOf(-5 * HOUR_MS, -2 * HOUR_MS, '{app=~".+"}')).toEqual([]);
    // The orders were first pushed 65 minutes ago, and the running total 30 minutes ago.
    expect(await appsOf(-60 * MINUTE_MS, -40 * MINUTE_MS, '{app!=""}')).toEqual(['shop', 'shop2']);
    expect(await appsOf(-44 * MINUTE_MS, -26 * MINUTE_MS, '{app!="",__view__="raw"}')).toEqual(['c']);
    expect(await appsOf(-20 * MINUTE_MS, 0, '{app="c"}')).toEqual(['c']);
    expect(await appsOf(-9 * MINUTE_MS, 0, '{app="c",__view__="delta"}')).toEqual([]);
  });

  it('the largest metrics and labels', async () => {
    const { body } = await history.ask('status/tsdb', { limit: '2' });
    expect(body.data).toMatchObject({
      headStats: { numSeries: 5, numLabelPairs: 10 },
      seriesCountByMetricName: [
        { name: 'orders_total', value: 2 },
        { name: 'old_gauge', value: 1 },
      ],
      labelValueCountByLabelName: [
        { name: '__name__', value: 4 },
        { name: 'app', value: 4 },
      ],
      seriesCountByLabelValuePair: [
        { name: '__name__=orders_total', value: 2 },
        { name: 'app=shop', value: 2 },
      ],
    });
    for (const limit of ['0', 'x', '10001']) {
      expect((await history.ask('status/tsdb', { limit })).body).toMatchObject({ errorType: 'bad_data' });
    }
  });

  it('names of labels', async () => {
    expect((await history.askForm('labels', { 'match[]': 'queue_length' })).body.data).toEqual(['__name__', 'app']);
    expect((await history.ask('labels')).body.data).toEqual(['__name__', 'app', 'status']);
  });

  it('series', async () => {
    const { body } = await history.askForm('series', { 'match[]': '{__name__!="",app="shop"}', limit: '10' });
    expect(body.data).toEqual([
      { __name__: 'orders_total', app: 'shop', status: 'paid' },
      { __name__: 'queue_length', app: 'shop' },
    ]);
  });

  it('the editor', async () => {
    expect((await history.ask('format_query', { query: 'sum(up)by(app)' })).body).toEqual({
      status: 'success',
      data: 'sum by (app) (up)',
    });
    expect((await history.askForm('parse_query', { query: '1' })).body.data).toMatchObject({
      type: 'numberLiteral',
      val: '1',
    });
  });
});

const hasPromtool = isInstalled('promtool');

(hasPromtool ? describe : describe.skip)(hasPromtool ? 'promtool' : 'promtool (skipped: not installed)', () => {
  function promtool(...args: string[]): Promise<string> {
    const url = new URL(history.server.url);
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
    it('reads by remote_read samples that only our server has', async () => {
      const prometheus = await startPrometheus({}, [
        {
          url: `${history.server.url}/api/v1/read`,
          read_recent: true,
          basic_auth: { username: 'x', password: ADMIN_TOKEN },
        },
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

function byText(a: string, b: string): number {
  return a < b ? -1 : 1;
}
