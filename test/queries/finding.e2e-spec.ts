import { eventually } from '../support/eventually.js';
import { at, BASE, HistoryApi, MINUTE } from '../support/history-api.js';
import { ADMIN_TOKEN, getJson } from '../support/server.js';
import { serviceUnderTest } from '../support/service-under-test.js';

interface ListedMetrics {
  metrics: { name: string; type: string; seriesCount: number }[];
  total: number;
  nextCursor: string | null;
}

interface ListedLabels {
  labels: { name: string; seriesCount: number; valuesCount: number }[];
  total: number;
}

interface ListedValues {
  values: { value: string; seriesCount: number }[];
  total: number;
}

describe('finding metrics and labels', () => {
  const server = serviceUnderTest();
  const history = new HistoryApi(server);

  const metrics = (query: string) => getJson<ListedMetrics>(server, `/api/history/metrics?${query}`);
  const namesOf = (listed: ListedMetrics) => listed.metrics.map(({ name }) => name);

  beforeAll(async () => {
    const declared = await fetch(`${server.url}/api/admin/metrics/shop_seconds`, {
      method: 'PUT',
      headers: { Authorization: ADMIN_TOKEN, 'Content-Type': 'application/json' },
      body: JSON.stringify({ type: 'histogram', help: 'The duration of requests' }),
    });
    expect(declared.status).toBe(200);
    await history.pushAll([
      { name: 'shop_orders_total', value: 1, help: 'Paid orders of all countries' },
      ...['1', '+Inf'].map((le) => ({ name: 'shop_seconds_bucket', value: 1, labels: { le } })),
      { name: 'shop_seconds_sum', value: 1 },
      { name: 'shop_seconds_count', value: 1 },
      ...['a', 'b', 'c'].map((route) => ({ name: 'shop_requests', value: 1, labels: { route } })),
    ]);
    const pushedAt = Date.now();
    // Last pushes are ordered by the time of arrival, so this push must come a few milliseconds later.
    await eventually(() => expect(Date.now()).toBeGreaterThan(pushedAt + 5));
    await history.pushAll([{ name: 'shop_queue', value: 5, help: 'Orders in the queue' }]);
  });

  it('finds metrics whose name or help text contains all words', async () => {
    expect(namesOf(await metrics('search=SHOP%20orders'))).toEqual(['shop_orders_total', 'shop_queue']);
    expect(namesOf(await metrics('search=orders%20paid'))).toEqual(['shop_orders_total']);
  });

  it('lists a histogram as one row', async () => {
    const { metrics: rows, total } = await metrics('search=shop_&families=true');
    expect(rows.map(({ name, type, seriesCount }) => [name, type, seriesCount])).toEqual([
      ['shop_orders_total', 'counter', 1],
      ['shop_queue', 'gauge', 1],
      ['shop_requests', 'gauge', 3],
      ['shop_seconds', 'histogram', 4],
    ]);
    expect(total).toBe(4);
    expect((await metrics('search=shop_')).total).toBe(7);
  });

  it('lists the metrics of one type, with their number on all pages', async () => {
    const listed = await metrics('search=shop_&type=gauge&limit=1');
    expect([namesOf(listed), listed.total]).toEqual([['shop_queue'], 2]);
  });

  it.each([
    ['/api/history/metrics?order=lastpush', '/query/order', 'lastPush'],
    ['/api/history/metrics?type=guage', '/query/type', 'gauge'],
    ['/api/history/metrics?families=yes', '/query/families', 'boolean'],
    ['/api/history/metrics?familys=true', '/query/familys', 'Did you mean families?'],
    [`/api/history/metrics?search=${'a+'.repeat(11)}`, '/query/search', 'the limit is 10'],
  ])('refuses %s', async (path, where, hint) => {
    const { status, details } = await history.refusalOf(path);
    expect({ status, path: details[0]?.path }).toEqual({ status: 400, path: where });
    expect(details[0]?.message).toContain(hint);
  });

  it('lists metrics by last push or by number of series, in pages', async () => {
    const paged = async (order: string) =>
      (await history.pages<{ name: string }>(`/api/history/metrics?search=shop_&limit=1&order=${order}`, 'metrics'))
        .flat()
        .map(({ name }) => name);
    expect(await paged('lastPush')).toEqual(namesOf(await metrics('search=shop_&order=lastPush')));
    expect((await paged('lastPush')).slice(0, 1)).toEqual(['shop_queue']);
    expect((await paged('series')).slice(0, 2)).toEqual(['shop_seconds', 'shop_requests']);
    expect(await paged('series')).toEqual(namesOf(await metrics('search=shop_&order=series')));
  });

  describe('labels', () => {
    const HOUR = 3_600_000;
    const labels = (query: string) => getJson<ListedLabels>(server, `/api/history/labels?${query}`);
    const values = (label: string, query: string) =>
      getJson<ListedValues>(server, `/api/history/labels/${label}/values?${query}`);

    beforeAll(() =>
      history.pushAll([
        ...['de', 'fr', 'uk'].map((country) => ({ name: 'sold_total', value: 1, labels: { country, till: '1' } })),
        { name: 'sold_total', value: 1, labels: { country: 'de', till: '2' } },
        // A month ago there was another country, and one that is still there.
        ...['it', 'uk'].map((country) => ({
          name: 'sold_total',
          value: 1,
          labels: { country, till: '1' },
          timestamp: Date.now() - 30 * 24 * HOUR,
        })),
      ]),
    );

    it('are listed with the number of their series and values', async () => {
      expect(await labels('metric=sold_total')).toEqual({
        total: 2,
        labels: [
          { name: 'country', seriesCount: 5, valuesCount: 4 },
          { name: 'till', seriesCount: 5, valuesCount: 2 },
        ],
        nextCursor: null,
      });
      expect((await labels('search=COUN')).labels.map(({ name }) => name)).toEqual(['country']);
      expect((await labels('metric=shop_seconds')).labels).toEqual([{ name: 'le', seriesCount: 2, valuesCount: 2 }]);
      expect((await labels('metric=sold_total&label=till=2')).labels[0]).toMatchObject({ valuesCount: 1 });
      expect((await history.pages<object>('/api/history/labels?limit=1', 'labels')).flat()).toEqual(
        (await labels('')).labels,
      );
    });

    it('have values with the number of their series, in pages', async () => {
      const all = await values('country', 'metric=sold_total');
      expect(all).toEqual({
        label: 'country',
        total: 4,
        values: [
          { value: 'de', seriesCount: 2 },
          { value: 'fr', seriesCount: 1 },
          { value: 'it', seriesCount: 1 },
          { value: 'uk', seriesCount: 1 },
        ],
        nextCursor: null,
      });
      const path = '/api/history/labels/country/values?metric=sold_total&limit=1';
      expect((await history.pages<object>(path, 'values')).flat()).toEqual(all.values);
      expect((await history.pages<object>(`${path}&order=series`, 'values')).flat()).toEqual(all.values);
      expect((await values('country', 'search=K')).values).toEqual([{ value: 'uk', seriesCount: 1 }]);
      expect((await values('nothing', 'metric=sold_total')).values).toEqual([]);
    });

    it('of a range have only values of series with samples in it', async () => {
      const valuesOf = async (query: string) =>
        (await values('country', `metric=sold_total&${query}`)).values.map(({ value }) => value);
      expect(await valuesOf('from=-1h')).toEqual(['de', 'fr', 'uk']);
      expect(await valuesOf('from=-31d&to=-29d')).toEqual(['it', 'uk']);
      expect(await valuesOf('from=-28d&to=-1h')).toEqual([]);
      expect((await labels('metric=sold_total&from=-31d&to=-29d')).labels).toEqual([
        { name: 'country', seriesCount: 2, valuesCount: 2 },
        { name: 'till', seriesCount: 2, valuesCount: 1 },
      ]);
      const path = '/api/history/labels/country/values?metric=sold_total&from=-31d&limit=1';
      expect((await history.pages<object>(path, 'values')).flat()).toHaveLength(4);
    });

    it.each([
      ['/api/history/labels?metric=sold_totl', 404, undefined, 'Did you mean sold_total?'],
      ['/api/history/labels/a-b/values', 400, '/path/name', 'not a valid label name'],
      ['/api/history/labels?serch=a', 400, '/query/serch', 'Did you mean search?'],
      ['/api/history/labels/country/values?order=size', 400, '/query/order', 'series'],
      ['/api/history/labels?cursor=x', 400, '/query/cursor', 'nextCursor'],
    ])('are not listed for %s', async (path, status, where, hint) => {
      const refusal = await history.refusalOf(path);
      expect([refusal.status, refusal.details?.[0]?.path]).toEqual([status, where]);
      expect(JSON.stringify(refusal)).toContain(hint);
    });
  });

  describe('the breakdown', () => {
    it('compares the labels of a counter', async () => {
      const answer = await getJson<object>(server, '/api/history/breakdown?metric=sold_total&from=-31d&to=now');
      expect(answer).toMatchObject({
        measure: 'increase',
        total: { now: 6, before: 0 },
        labels: [{ name: 'till' }, { name: 'country', valuesTotal: 4, newTotal: 4 }],
      });
    });

    it('compares the observations of a histogram', async () => {
      const answer = await getJson<object>(server, '/api/history/breakdown?metric=shop_seconds');
      expect(answer).toMatchObject({ type: 'histogram', measure: 'p95', labels: [] });
    });

    it.each([
      ['/api/history/breakdown', 400, '/query/metric', 'is missing'],
      ['/api/history/breakdown?metric=sold_totl', 404, undefined, 'Did you mean sold_total?'],
      ['/api/history/breakdown?metric=sold_total&values=101', 400, '/query/values', '100'],
      ['/api/history/breakdown?metric=sold_total&labels=a', 400, '/query/labels', 'Did you mean label?'],
    ])('refuses %s', async (path, status, where, hint) => {
      const refusal = await history.refusalOf(path);
      expect([refusal.status, refusal.details?.[0]?.path]).toEqual([status, where]);
      expect(JSON.stringify(refusal)).toContain(hint);
    });
  });

  it('lists the newest samples first', async () => {
    const path = '/api/history/samples?metric=listed_gauge&limit=2';
    await history.pushAll([3, 1, 2].map((minute) => at(60 * minute, 'listed_gauge', minute)));
    const pages = await history.pages<{ value: number }>(`${path}&order=desc`, 'samples');
    expect(pages.map((page) => page.map(({ value }) => value))).toEqual([[3, 2], [1]]);
    const csv = await (
      await history.get('/api/history/samples?metric=listed_gauge&order=desc', { Accept: 'text/csv' })
    ).text();
    expect(csv.split('\r\n').map((row) => row.split(',')[2])).toEqual(['value', '3', '2', '1', undefined]);
    expect(await history.refusalOf(`${path}&order=newest`)).toMatchObject({ details: [{ path: '/query/order' }] });
  });

  describe('sparklines', () => {
    const ask = async (body: object) => {
      const response = await fetch(`${server.url}/api/history/sparklines`, {
        method: 'POST',
        headers: { Authorization: ADMIN_TOKEN, 'Content-Type': 'application/json' },
        body: JSON.stringify(body),
      });
      return { status: response.status, body: (await response.json()) as Record<string, unknown> };
    };

    it('are returned for counters, gauges and histograms, with the period before', async () => {
      await history.pushAll([
        at(0, 'line_total', 1),
        at(60, 'line_total', 2),
        at(61, 'line_total', 4),
        at(150, 'line_total', 8),
        at(0, 'line_gauge', 5),
        at(60, 'line_gauge', 7),
        at(70, 'line_gauge', 9),
      ]);
      const range = { from: String(BASE + MINUTE), to: String(BASE + 3 * MINUTE), points: 4 };
      const { status, body } = await ask({ metrics: ['line_total', 'line_gauge', 'shop_seconds', 'line'], ...range });
      expect(status).toBe(200);
      expect(body).toMatchObject({
        stepSeconds: 30,
        sparklines: [
          { metric: 'line_total', type: 'counter', measure: 'increase', values: [6, 0, 0, 8], now: 14, before: 1 },
          { metric: 'line_gauge', type: 'gauge', measure: 'avg', values: [8, 9, 9, 9], now: 9, before: 5 },
          { metric: 'shop_seconds', type: 'histogram', measure: 'p95', values: [null, null, null, null] },
          { metric: 'line', error: expect.stringContaining('There is no metric line') as string },
        ],
      });
      const now = await ask({ metrics: ['shop_seconds'], from: '-10m', points: 1 });
      expect(now.body).toMatchObject({ sparklines: [{ values: [0.95], now: 0.95 }] });
    });

    it.each([
      [{}, '/body/metrics'],
      [{ metrics: [] }, '/body/metrics'],
      [{ metrics: Array.from({ length: 25 }, () => 'a') }, '/body/metrics'],
      [{ metrics: ['a'], points: 501 }, '/body/points'],
      [{ metrics: ['a'], from: 'then' }, '/body/from'],
      [{ metrics: ['a'], step: '1m' }, '/body/step'],
    ])('are refused for %j', async (body, path) => {
      expect(await ask(body)).toMatchObject({ status: 400, body: { details: [{ path }] } });
    });
  });
});
