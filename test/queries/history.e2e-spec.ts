import {
  BASE,
  HistoryApi,
  iso,
  at,
  MINUTE,
  type RowsPage,
  type SamplesPage,
  valuesOf,
} from '../support/history-api.js';
import { getJson, INGEST_TOKEN } from '../support/server.js';
import { serviceUnderTest } from '../support/service-under-test.js';

describe('history', () => {
  const server = serviceUnderTest();
  const history = new HistoryApi(server);

  // These samples are after the range in which rows are listed.
  beforeAll(() => history.pushAll([1, 2].map((value) => at(300 + value, 'delta_total', value))));

  it('finds a push by every endpoint as soon as it is acknowledged', async () => {
    for (let round = 1; round <= 5; round++) {
      await history.pushAll([{ name: 'fresh_total', value: 2, labels: { app: 'a' } }]);
      const { samples } = await getJson<SamplesPage>(server, '/api/history/samples?metric=fresh_total');
      expect(samples).toHaveLength(round);
      const [line] = await history.lines('metric=fresh_total&aggregate=increase&step=1h&from=-1h');
      expect(valuesOf(line)!.reduce((sum, value) => sum! + value!, 0)).toBe(2 * round);
      const { series } = await getJson<{ series: { value: number }[] }>(
        server,
        '/api/history/series?metric=fresh_total',
      );
      expect(series.map(({ value }) => value)).toEqual([2 * round]);
      const rows = await getJson<RowsPage>(server, '/api/admin/custom-metrics');
      expect(rows.metrics.findLast(({ name }) => name === 'fresh_total')?.value).toBe(2 * round);
    }
    const page = await (await history.get('/api/admin/custom-metrics/prometheus')).text();
    expect(page).toContain('# TYPE fresh_total counter\nfresh_total{app="a"} 10\n');
    expect(page).not.toContain('process_cpu');
  });

  it("lists what each series held at the end of each minute, as Unleash's admin API did", async () => {
    await history.pushAll([
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
    // A total also counts samples that were pushed before the range.
    const later = await getJson<RowsPage>(
      server,
      `/api/admin/custom-metrics?from=${BASE + 2 * MINUTE}&to=${BASE + 3 * MINUTE}`,
    );
    expect(later.metrics.map(({ value }) => value)).toEqual([7]);
    const paged = await history.pages(`/api/admin/custom-metrics?${range}&limit=1`, 'metrics');
    expect(paged).toHaveLength(3);
    expect(paged.flat()).toEqual(answer.metrics);
  });

  it('lists metrics and series in pages', async () => {
    await history.pushAll(
      ['c', 'a', 'b'].map((app) => ({ name: `listed_${app}`, value: 1, labels: { app }, unit: 'bytes' })),
    );
    await history.pushAll([
      { name: 'listed_a', value: 2, labels: { app: 'a', zone: '1' } },
      { name: 'listed_a', value: 3, labels: { app: 'x', zone: '1' } },
    ]);
    const metrics = (
      await history.pages<{ name: string }>('/api/history/metrics?search=LISTED&limit=2', 'metrics')
    ).flat();
    expect(metrics.map(({ name }) => name)).toEqual(['listed_a', 'listed_b', 'listed_c']);
    expect(metrics[0]).toMatchObject({ type: 'gauge', temporality: null, help: null, unit: 'bytes', seriesCount: 3 });
    expect(metrics[0]).toHaveProperty('lastPushAt', expect.stringMatching(/Z$/));

    const idsOf = async (query: string) =>
      (await history.pages<{ labels: object }>(`/api/history/series?metric=listed_a&limit=1${query}`, 'series'))
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
    ['/api/history/query?metric=delta_total&aggregate=mean', '/query/aggregate'],
    ['/api/history/query?metric=delta_total&groupBy=a-b', '/query/groupBy'],
    ['/api/admin/custom-metrics?limit=-1', '/query/limit'],
    ['/api/admin/custom-metrics?cursor=x', '/query/cursor'],
    ['/api/history/metrics?cursor=x', '/query/cursor'],
    ['/api/history/series?metric=delta_total&cursor=x', '/query/cursor'],
  ])('refuses %s', async (path, where) => {
    expect(await history.refusalOf(path)).toMatchObject({
      status: 400,
      name: 'BadDataError',
      details: [{ path: where }],
    });
  });

  it('refuses a cursor of another request', async () => {
    const page = await getJson<SamplesPage>(server, '/api/history/samples?metric=delta_total&limit=1');
    expect(
      await history.refusalOf(`/api/history/samples?metric=row_total&limit=1&cursor=${page.nextCursor}`),
    ).toMatchObject({
      status: 400,
      details: [{ path: '/query/cursor' }],
    });
  });

  it('says which metric may have been meant', async () => {
    const refusal = await history.refusalOf('/api/history/query?metric=detla_total');
    expect(refusal).toMatchObject({ status: 404, name: 'NotFoundError' });
    expect(refusal.message).toContain('Did you mean delta_total?');
    expect(refusal.message).toContain('GET /api/history/metrics');
  });

  it('requires a token that may read', async () => {
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
      expect([path, (await history.get(path, { Authorization: 'unknown' })).status]).toEqual([path, 401]);
      expect([path, (await history.get(path, { Authorization: INGEST_TOKEN })).status]).toEqual([path, 403]);
      expect([path, (await history.get(path)).status]).toEqual([path, 200]);
    }
  });
});
