import { eventually } from '../support/eventually.js';
import { parseExposition, seriesKey } from '../support/exposition-parser.js';
import { isInstalled, startPrometheus } from '../support/prometheus.js';
import { remove } from '../support/removal.js';
import { ADMIN_TOKEN, getJson, type Item, push, scrape, type TestServer } from '../support/server.js';
import { storeUnderTest } from '../support/service-under-test.js';

/** The header of Prometheus 3 with its default settings. */
const PROMETHEUS_3 =
  'application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2';

const ITEMS: readonly Item[] = [
  { name: 'my.metric', value: 1, type: 'gauge', labels: { 'label.name': 'x', plain: 'p' } },
  { name: 'my.metric', value: 2, type: 'gauge', labels: { 'label.name': 'y', größe: '10 %' } },
  { name: 'my_metric', value: 3, type: 'gauge', labels: { label_name: 'z' } },
  { name: 'jobs.done_total', value: 4, labels: { 'a"b\\c': '1' } },
  { name: '花火', value: 5, type: 'gauge', labels: { 1: 'digit', 'a=b': 'equals', 'x,y': 'comma' } },
];

/** The labels of the series in ITEMS, by their values. */
const NAMES_OF_VALUES = new Map(
  ITEMS.map(({ name, value, labels }) => [Number(value), { __name__: name, ...(labels as Record<string, string>) }]),
);

interface QueryResult {
  readonly data: { readonly result: { metric: Record<string, string>; value: [number, string] }[] };
}

const query = async (server: TestServer, promql: string) => {
  const { data } = await getJson<QueryResult>(server, `/api/v1/query?query=${encodeURIComponent(promql)}`);
  return data.result.map(({ metric, value }) => [metric, Number(value[1])] as const);
};

const pageOf = async (server: TestServer, accept: string) => {
  const response = await fetch(server.metricsUrl, { headers: { Accept: accept } });
  return { contentType: response.headers.get('content-type'), page: await response.text() };
};

describe('names of any characters (NAME_VALIDATION=utf8)', () => {
  const store = storeUnderTest('all');
  let server: TestServer;

  beforeAll(async () => {
    server = await store.start({ NAME_VALIDATION: 'utf8' });
    const taken = await push(server, ITEMS);
    expect([taken.status, await taken.text()]).toEqual([202, '']);
  });

  test('a name that no text can be is refused, and so is a reserved label', async () => {
    const items = [
      { name: 'a\ud800', value: 1 },
      { name: 'a\0', value: 1 },
      { name: '火'.repeat(67), value: 1 },
      { name: 'a.b', value: 1, labels: { __name__: 'x' } },
      { name: 'a.b', value: 1, labels: { '__internal.x': 'x' } },
      { name: 'a.b', value: 1, labels: { '\ufffd': 'x' } },
      { name: 'up', value: 1 },
    ];
    const response = await push(server, items);
    const { rejected } = (await response.json()) as { rejected: { index: number; reason: string }[] };
    expect(rejected.map(({ index, reason }) => [index, reason])).toEqual([
      [0, 'name_invalid'],
      [1, 'name_invalid'],
      [2, 'name_too_long'],
      [3, 'label_name_invalid'],
      [4, 'label_name_invalid'],
      [5, 'label_name_invalid'],
      [6, 'reserved_name'],
    ]);
  });

  describe('on the page', () => {
    test('Prometheus 3 gets them as they are', async () => {
      const { contentType, page } = await pageOf(server, PROMETHEUS_3);
      expect(contentType).toBe('application/openmetrics-text; version=1.0.0; charset=utf-8; escaping=allow-utf-8');
      const shown = parseExposition(page, 'openmetrics').flatMap(({ samples }) => samples);
      const keys = shown.map(({ name, labels }) => seriesKey(name, labels));
      for (const { __name__: name, ...labels } of NAMES_OF_VALUES.values()) {
        expect(keys).toContain(seriesKey(String(name), labels as Record<string, string>));
      }
      expect(page).toContain('# TYPE "my.metric" gauge\n');
      expect(page).toContain('\n{"my.metric","label.name"="x",plain="p"} 1\n');
    });

    test.each([
      [
        'text/plain;version=0.0.4',
        'text/plain; version=0.0.4; charset=utf-8',
        'U__my_2e_metric{label_name="x",plain="p"} 1',
      ],
      [
        'text/plain;version=1.0.0',
        'text/plain; version=1.0.0; charset=utf-8; escaping=underscores',
        'U__my_2e_metric{label_name="x",plain="p"} 1',
      ],
      [
        'text/plain;version=1.0.0;escaping=values',
        'text/plain; version=1.0.0; charset=utf-8; escaping=values',
        'U__my_2e_metric{U__label_2e_name="x",plain="p"} 1',
      ],
      [
        'text/plain;version=1.0.0;escaping=dots',
        'text/plain; version=1.0.0; charset=utf-8; escaping=dots',
        'my_dot_metric{label_dot_name="x",plain="p"} 1',
      ],
      [
        'text/plain;version=1.0.0;escaping=allow-utf-8',
        'text/plain; version=1.0.0; charset=utf-8; escaping=allow-utf-8',
        '{"my.metric","label.name"="x",plain="p"} 1',
      ],
    ])('%s is answered as documented', async (accept, expected, line) => {
      const { contentType, page } = await pageOf(server, accept);
      expect(contentType).toBe(expected);
      expect(page.split('\n')).toContain(line);
      // A metric with a legal name keeps it, whatever the others are called.
      expect(page.split('\n')).toContain('my_metric{label_name="z"} 3');
      parseExposition(page, 'text');
    });

    const hasPrometheus = isInstalled('prometheus');
    (hasPrometheus ? test : test.skip)(
      `an older Prometheus scrapes legal names${hasPrometheus ? '' : ' (skipped: not installed)'}`,
      async () => {
        await scrape(server);
        const prometheus = await startPrometheus({ custom: server.metricsUrl });
        try {
          await eventually(async () => {
            expect(await prometheus.query('up{job="custom"} == 1')).toHaveLength(1);
            const names = ['my_metric', 'U__my_2e_metric', 'jobs_done_total', '__'];
            const found = await prometheus.query(`{job="custom",__name__=~"${names.join('|')}"}`);
            expect(found.map(({ value }) => Number(value[1])).toSorted((a, b) => a - b)).toEqual([1, 2, 3, 4, 5]);
          });
          expect(await prometheus.lastErrors()).toEqual(['']);
        } finally {
          await prometheus.stop();
        }
      },
    );
  });

  describe('in PromQL', () => {
    test.each([
      ['{"my.metric"}', [1, 2]],
      ['{"my.metric", "label.name"="x"}', [1]],
      ["{'my.metric', 'größe'=~'10.*'}", [2]],
      ['{__name__="my.metric", "label.name"!="x"}', [2]],
      ['{"my_metric"}', [3]],
      ['my_metric{"label_name"="z"}', [3]],
      ['{"jobs.done_total", "a\\"b\\\\c"="1"}', [4]],
      ['{"花火", "1"="digit"} offset 0s', [5]],
      ['sum by ("label.name") ({"my.metric"})', [1, 2]],
      ['max_over_time({"my.metric", "label.name"="y", __view__="raw"}[5m])', [2]],
      ['{"my.metric"} * on ("label.name") group_left ("größe") {"my.metric"}', [1, 4]],
      ['label_replace({"my.metric"}, "neu.name", "$1", "label.name", "(x)")', [1, 2]],
      ['count_values("der.wert", {"my.metric"})', [1, 1]],
    ])('%s', async (promql, values) => {
      const found = (await query(server, promql)).map(([, value]) => value);
      expect(found.toSorted((a, b) => a - b)).toEqual(values);
    });

    test('series have their names', async () => {
      for (const [metric, value] of await query(server, '{__name__=~"my.metric|花火|jobs.done_total"}')) {
        expect(metric).toEqual(NAMES_OF_VALUES.get(value));
      }
      const sums = await query(server, 'sort(sum by ("größe") ({"my.metric"}))');
      expect(sums).toEqual([
        [{}, 1],
        [{ größe: '10 %' }, 2],
      ]);
    });

    test('a query is printed with quotes', async () => {
      const written = 'sum by("label.name",plain)(rate({"my.metric","größe"="1"}[5m]))';
      const { data } = await getJson<{ data: string }>(
        server,
        `/api/v1/format_query?query=${encodeURIComponent(written)}`,
      );
      expect(data).toBe('sum by ("label.name", plain) (rate({"größe"="1",__name__="my.metric"}[5m]))');
      expect((await query(server, data)).length).toBe(0);
    });
  });

  describe('in the Prometheus API', () => {
    test.each(['U__label_2e_name', 'label.name'])('label/%s/values', async (name) => {
      const { data } = await getJson<{ data: string[] }>(server, `/api/v1/label/${name}/values`);
      expect(data).toEqual(['x', 'y']);
    });

    test('labels, series and metadata', async () => {
      const match = encodeURIComponent('{__name__=~".*my.metric|花火"}');
      const labels = await getJson<{ data: string[] }>(server, `/api/v1/labels?match[]=${match}`);
      expect(labels.data).toEqual(['1', '__name__', 'a=b', 'größe', 'label.name', 'label_name', 'plain', 'x,y']);
      const series = await getJson<{ data: object[] }>(server, `/api/v1/series?match[]=${match}`);
      const others = [...NAMES_OF_VALUES.values()].filter(({ __name__: name }) => name !== 'jobs.done_total');
      expect(series.data).toHaveLength(4);
      expect(series.data).toEqual(expect.arrayContaining(others));
      const metadata = await getJson<{ data: object }>(server, '/api/v1/metadata?metric=my.metric');
      expect(Object.keys(metadata.data)).toEqual(['my.metric']);
    });
  });

  describe('in the history', () => {
    test('labels, groups and filters', async () => {
      const labels = await getJson<{ labels: { name: string }[] }>(server, '/api/history/labels?metric=my.metric');
      expect(labels.labels.map(({ name }) => name)).toEqual(['größe', 'label.name', 'plain']);
      const values = await getJson<{ values: { value: string }[] }>(server, '/api/history/labels/U__a_3d_b/values');
      expect(values.values).toEqual([{ value: 'equals', seriesCount: 1 }]);
      for (const filter of ['label.name=y', 'U__label_2e_name=y']) {
        const found = await getJson<{ series: { labels: object }[] }>(
          server,
          `/api/history/series?metric=my.metric&label=${encodeURIComponent(filter)}`,
        );
        expect(found.series.map((each) => each.labels)).toEqual([{ 'label.name': 'y', größe: '10 %' }]);
      }
      const lines = await getJson<{ series: { labels: object }[] }>(
        server,
        '/api/history/query?metric=my.metric&from=-1h&step=1h&groupBy=label.name',
      );
      expect(lines.series).toHaveLength(2);
      expect(lines.series.map(({ labels: each }) => each)).toEqual(
        expect.arrayContaining([{ 'label.name': 'x' }, { 'label.name': 'y' }]),
      );
    });

    test('an export as CSV has a column for each label', async () => {
      const url = `${server.url}/api/history/samples?metric=${encodeURIComponent('花火')}&from=-1h`;
      const headers = { Authorization: ADMIN_TOKEN, Accept: 'text/csv' };
      const response = await fetch(url, { headers });
      const [header, row] = (await response.text()).split('\r\n');
      expect(response.headers.get('content-disposition')).toMatch(/^attachment; filename="[ -~]+\.csv"/);
      expect(header).toMatch(/,1,a=b,"x,y"$/);
      expect(row).toMatch(/,digit,equals,comma$/);
    });
  });

  test('a metric can be deleted, whatever the names of others are', async () => {
    await push(server, [{ name: 'doomed', value: 1 }]);
    // One of these names ends with the id of the metric, as the names of deleted metrics once did.
    await push(
      server,
      Array.from({ length: 100 }, (_, index) => ({ name: `doomed#${index + 1}`, value: 1 })),
    );
    expect((await remove(server, 'doomed')).status).toBe(200);
    expect((await push(server, [{ name: 'doomed', value: 2 }])).status).toBe(202);
    expect(await query(server, 'doomed')).toEqual([[{ __name__: 'doomed' }, 2]]);
  });

  test('the names remain after a restart, also with the legacy rules', async () => {
    await server.stop();
    for (const rules of ['utf8', 'legacy']) {
      const next = await store.start({ NAME_VALIDATION: rules });
      for (const [value, metric] of NAMES_OF_VALUES) {
        const { __name__: name } = metric;
        const found = await query(next, `{${JSON.stringify(name)}}`);
        expect(found.find(([, shown]) => shown === value)?.[0]).toEqual(metric);
      }
      const { page } = await pageOf(next, PROMETHEUS_3);
      expect(page).toContain('\n{"my.metric","label.name"="x",plain="p"} 1\n');
      // With the utf8 rules this is a sample of the known series, and otherwise one of another metric.
      await push(next, [{ name: 'my.metric', value: 1, type: 'gauge', labels: { 'label.name': 'x', plain: 'p' } }]);
      const legal = await query(next, 'my_metric{plain="p"}');
      expect(legal).toHaveLength(rules === 'utf8' ? 0 : 1);
      await next.stop();
    }
  });
});
