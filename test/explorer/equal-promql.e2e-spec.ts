import type { Page } from 'playwright-core';
import { browserUnderTest, describeInBrowser, signInByDialog } from '../support/browser.js';
import { ADMIN_TOKEN, getJson, push } from '../support/server.js';
import { serviceUnderTest } from '../support/service-under-test.js';

const HOUR = 3_600_000;

interface Points {
  series: { labels: Record<string, string>; points: { value?: number; values?: Record<string, number> }[] }[];
}

interface Vector {
  data: { result: { metric: Record<string, string>; value: [number, string] }[] };
}

/** The value of a line, with the label that it is grouped by. */
type Named = readonly [label: string, value: number];

describeInBrowser('the PromQL that a panel offers', () => {
  const server = serviceUnderTest();
  const browser = browserUnderTest();
  // A range in the past does not move while the test runs.
  const from = (Math.floor(Date.now() / HOUR) - 2) * HOUR;
  const to = from + HOUR;
  let page: Page;

  beforeAll(async () => {
    const declared = await fetch(`${server.url}/api/admin/metrics/equal_seconds`, {
      method: 'PUT',
      headers: { Authorization: ADMIN_TOKEN, 'Content-Type': 'application/json' },
      body: JSON.stringify({ type: 'histogram', temporality: 'delta' }),
    });
    expect(declared.status).toBe(200);
    const at = (minute: number) => from + minute * 60_000 + 1;
    const samples = { x: [4, 9, 2], y: [30] };
    const items = Object.entries(samples).flatMap(([pool, values]) =>
      values.flatMap((value, index) => [
        { name: 'equal_size', value, labels: { pool }, timestamp: at(5 + 10 * index) },
        { name: 'equal_total', value, labels: { pool }, timestamp: at(5 + 10 * index) },
      ]),
    );
    const buckets = { 1: 10, 5: 35, '+Inf': 40 };
    const histogram = [
      ...Object.entries(buckets).map(([le, value]) => ({ name: 'equal_seconds_bucket', value, labels: { le } })),
      { name: 'equal_seconds_sum', value: 120 },
      { name: 'equal_seconds_count', value: 40 },
    ];
    const response = await push(server, [...items, ...histogram.map((item) => ({ ...item, timestamp: at(30) }))]);
    expect(response.status).toBe(202);
  });

  beforeEach(async () => {
    page = await (await browser.open()).newPage();
    await page.goto(`${server.url}/explorer/#/connect`);
    await signInByDialog(page, ADMIN_TOKEN);
  });

  /** Opens a panel, and returns its points and those of its PromQL by the value of the label. */
  async function both(panel: string, see: string, label = '') {
    const range = `from=${new Date(from).toISOString()}&to=${new Date(to).toISOString()}&step0=1h`;
    const [answer] = await Promise.all([
      page.waitForResponse((response) => /history\/query\?.*&step=1h&/.test(response.url()) && response.ok()),
      page.evaluate(
        (hash) => ((globalThis as unknown as { location: { hash: string } }).location.hash = hash),
        `#/explore?${range}&${panel}`,
      ),
    ]);
    const { series } = (await answer.json()) as Points;
    const points = series.map(({ labels, points: [point] }): Named => [
      labels[label] ?? '',
      point!.value ?? point!.values![see]!,
    ]);
    const edit = page.getByRole('button', { name: 'Edit as PromQL' });
    await edit.click();
    await page.waitForURL(/q1=/);
    const query = new URLSearchParams(new URL(page.url()).hash.split('?')[1]).get('q1')!;
    const { data } = await getJson<Vector>(
      server,
      `/api/v1/query?query=${encodeURIComponent(query)}&time=${(to - 1) / 1000}`,
    );
    const values = data.result.map(({ metric, value }): Named => [metric[label] ?? '', Number(value[1])]);
    const byName = ([one]: Named, [other]: Named) => (one < other ? -1 : 1);
    return { points: points.toSorted(byName), values: values.toSorted(byName) };
  }

  test('has the same value as the chart, for every measure', async () => {
    const sights = {
      equal_size: ['avg', 'last', 'min', 'max', 'stddev', 'count'],
      equal_total: ['increase', 'rate', 'last', 'count'],
      equal_seconds: ['count'],
    };
    for (const [metric, all] of Object.entries(sights)) {
      for (const see of all) {
        const { points, values } = await both(`m0=${metric}&see0=${see}`, see);
        expect([metric, see, values.length]).toEqual([metric, see, 1]);
        expect(values[0]![1]).toBeCloseTo(points[0]![1], 9);
      }
    }
  });

  test('has the same values as the lines of a gauge that each have one series', async () => {
    for (const see of ['p50', 'p95', 'p99', 'first', 'stddev', 'avg']) {
      const { points, values } = await both(`m0=equal_size&see0=${see}&by0=pool`, see, 'pool');
      expect([see, ...values.map(([pool]) => pool)]).toEqual([see, 'x', 'y']);
      for (const [index, [, value]] of values.entries()) expect(value).toBeCloseTo(points[index]![1], 9);
    }
  });

  test('has the median and the average of a histogram', async () => {
    for (const [see, expected] of [
      ['p50', 2.6],
      ['average', 3],
    ] as const) {
      const { values } = await both(`m0=equal_seconds&see0=${see}`, see);
      expect(values).toHaveLength(1);
      expect(values[0]![1]).toBeCloseTo(expected, 9);
    }
  });
});
