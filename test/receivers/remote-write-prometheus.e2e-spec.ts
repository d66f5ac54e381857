import { setTimeout as sleep } from 'node:timers/promises';
import { type ChangingPage, startChangingPage } from '../support/changing-page.js';
import { eventually } from '../support/eventually.js';
import { isInstalled, type Prometheus, type QueriedSeries, startPrometheus } from '../support/prometheus.js';
import { SeededRandom } from '../support/seeded-random.js';
import { ADMIN_TOKEN, getJson, INGEST_TOKEN, type TestServer } from '../support/server.js';
import { storeUnderTest } from '../support/service-under-test.js';
import { steadyPort } from '../support/steady-port.js';

const SEED = Number(process.env.FUZZ_SEED ?? 20261129);
const QUERIES = 200;
const SHOPS = 20;

const SELECTORS = ['orders_total', 'stock', 'visitors', 'took_seconds_bucket', 'took_seconds_sum', 'waited_count'];
const OF_RANGE = ['irate', 'delta', 'resets', 'changes', 'max_over_time', 'avg_over_time', 'count_over_time'];
/**
 * Prometheus 2.42 extrapolates values near zero in another way than the versions since 3.0, so these are asked only for counters that
 * are far from zero.
 */
const RATES = ['rate', 'increase'];
const AGGREGATIONS = ['sum by (shop)', 'max', 'count', 'avg by (le)', 'quantile by (shop) (0.5,'];

const hasPrometheus = isInstalled('prometheus');
const describePrometheus = hasPrometheus ? describe : describe.skip;

describePrometheus(hasPrometheus ? 'a real Prometheus' : 'a real Prometheus (skipped: not installed)', () => {
  let page: ChangingPage;
  let prometheus: Prometheus;

  beforeAll(async () => {
    page = await startChangingPage(SHOPS);
  });

  // Prometheus ends before the service, because it would otherwise wait for a minute to send the rest.
  afterAll(async () => {
    await prometheus?.stop();
    await page.stop();
  });

  const store = storeUnderTest('all');

  async function untilScraped(times: number): Promise<void> {
    const from = page.scrapes;
    await eventually(() => expect(page.scrapes).toBeGreaterThanOrEqual(from + times), { limitMs: 60_000 });
  }

  async function ask(url: string, query: string): Promise<QueriedSeries[]> {
    const response = await fetch(`${url}/api/v1/${query}`, { headers: { Authorization: ADMIN_TOKEN } });
    const { data, error } = (await response.json()) as { data?: { result: QueriedSeries[] }; error?: string };
    if (data === undefined) throw new Error(`${query}: ${error}`);
    return data.result;
  }

  it('sends every sample here, although both restart', async () => {
    const port = String(await steadyPort());
    let server: TestServer = await store.start({ PORT: port });
    const remoteWrite = {
      url: `${server.url}/api/v1/write`,
      authorization: { credentials: INGEST_TOKEN },
      queue_config: { batch_send_deadline: '200ms', min_backoff: '30ms', max_backoff: '200ms' },
      metadata_config: { send_interval: '1s' },
    };
    prometheus = await startPrometheus({ shop: page.url }, [], [], [remoteWrite]);
    await untilScraped(4);
    await server.kill();
    await untilScraped(2);
    server = await store.start({ PORT: port });
    await untilScraped(3);
    await untilSent(server);
    await prometheus.restart();
    await untilScraped(4);
    const [up] = await ask(prometheus.url, 'query?query=up%5B10m%5D');
    const end = betweenScrapes(up!.values.map(([time]) => time));
    // What was scraped before the end is sent within the deadline of a batch, or after the pause before the next attempt.
    await sleep(Math.max(0, end * 1_000 - Date.now()) + 1_000);

    await eventually(async () => {
      for (const name of [...SELECTORS, 'up']) {
        const query = `query?query=${encodeURIComponent(`${name}{job="shop"}[10m]`)}&time=${end}`;
        const here = await ask(server.url, query);
        expect({ name, samples: byLabels(here) }).toEqual({
          name,
          samples: byLabels(await ask(prometheus.url, query)),
        });
        expect(here.length).toBeGreaterThan(0);
      }
    });
    await expectSameAnswers(server, end);
    const { metrics } = await getJson<{ metrics: { name: string; type: string; help?: string }[] }>(
      server,
      '/api/history/metrics?families=true&limit=100',
    );
    expect(metrics.find(({ name }) => name === 'orders_total')).toMatchObject({ type: 'counter', help: 'Orders' });
  });

  /**
   * Waits until everything that Prometheus has scraped is here. After a restart it sends only what it scrapes from then on, so it may
   * leave out a scrape that it has not read from its log before it ends.
   */
  async function untilSent(server: TestServer): Promise<void> {
    const scraped = async (url: string) => {
      const [up] = await ask(url, `query?query=${encodeURIComponent('up{job="shop"}[10m]')}`);
      return up?.values.length;
    };
    await eventually(async () => expect(await scraped(server.url)).toBe(await scraped(prometheus.url)), {
      intervalMs: 20,
    });
  }

  async function expectSameAnswers(server: TestServer, end: number): Promise<void> {
    const random = new SeededRandom(SEED);
    for (let index = 0; index < QUERIES; index++) {
      const name = random.pick(SELECTORS);
      const selector = `${name}{job="shop"}`;
      const functions = /took|waited/.test(name) ? [...OF_RANGE, ...RATES] : OF_RANGE;
      const inner = random.isTrue(0.7) ? `${random.pick(functions)}(${selector}[${random.integer(3, 20)}s])` : selector;
      const aggregation = random.isTrue(0.5) ? random.pick(AGGREGATIONS) : '';
      const expression =
        aggregation === '' ? inner : `${aggregation}${aggregation.endsWith(',') ? ` ${inner})` : ` (${inner})`}`;
      const step = random.integer(1, 5);
      const query = `query_range?query=${encodeURIComponent(expression)}&start=${end - random.integer(5, 60)}&end=${end}&step=${step}`;
      const [here, there] = await Promise.all([ask(server.url, query), ask(prometheus.url, query)]);
      expect([expression, roundedByLabels(here)]).toEqual([expression, roundedByLabels(there)]);
    }
  }
});

/**
 * Returns a time after the scrapes at which windows of whole seconds neither begin nor end at a scrape, because Prometheus 2.42 also
 * counts a sample at the very start of a window. On a busy machine, scrapes have different fractions of a second.
 */
function betweenScrapes(times: readonly number[]): number {
  const fractions = [...new Set(times.map((time) => Math.round(time * 1_000) % 1_000))].toSorted((a, b) => a - b);
  const gaps = fractions.map((start, index) => ({
    start,
    length: (fractions[index + 1] ?? fractions[0]! + 1_000) - start,
  }));
  const longest = gaps.reduce((one, other) => (other.length > one.length ? other : one));
  const last = Math.max(...times);
  const end = Math.floor(last) + ((longest.start + Math.floor(longest.length / 2)) % 1_000) / 1_000;
  return end > last ? end : end + 1;
}

function byLabels(series: readonly QueriedSeries[]): Record<string, unknown> {
  return Object.fromEntries(
    series
      .map(
        ({ metric, values }) =>
          [
            JSON.stringify(Object.entries(metric).toSorted(([one], [other]) => (one < other ? -1 : 1))),
            withoutNaN(values),
          ] as const,
      )
      .filter(([, values]) => values.length > 0),
  );
}

/** A NaN is stored as a stale marker, and so are the ends of series, which Prometheus does not list. */
function withoutNaN(values: QueriedSeries['values']): QueriedSeries['values'] {
  return values.filter(([, value]) => value !== 'NaN');
}

/** Rounds values, because the order in which an aggregation adds them up is not defined. */
function roundedByLabels(series: readonly QueriedSeries[]): Record<string, unknown> {
  const rounded = series.map((each) => ({
    ...each,
    values: each.values.map(([time, value]) => [time, Number(value).toPrecision(9)] as const),
  }));
  return byLabels(rounded);
}
