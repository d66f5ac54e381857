import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { eventually } from '../support/eventually.js';
import { ExpectedExposition } from '../support/expected-exposition.js';
import { parseExposition, seriesKey } from '../support/exposition-parser.js';
import {
  checkWithPromtool,
  isInstalled,
  OUT_OF_TIME,
  type Prometheus,
  type QueriedSeries,
  SCRAPE_TIMEOUT_SECONDS,
  startPrometheus,
} from '../support/prometheus.js';
import { type ScrapeProxy, startScrapeProxy } from '../support/scrape-proxy.js';
import { type PushedItem, randomBatch } from '../support/random-pushes.js';
import { ADMIN_TOKEN, type Item, push, scrape, type TestServer } from '../support/server.js';
import { serviceUnderTest } from '../support/service-under-test.js';

/** The seed. FUZZ_SEED sets another one. */
const SEED = Number(process.env.FUZZ_SEED ?? 20261124);
const BATCHES = 40;
/** Spreads the batches over several scrapes. */
const PAUSE_MS = 200;
const MIN_SCRAPES = 6;
const SETTLING = { limitMs: 30_000, intervalMs: 500 };

async function declareHistogram(server: TestServer, name: string): Promise<void> {
  const response = await fetch(`${server.url}/api/admin/metrics/${name}`, {
    method: 'PUT',
    headers: { Authorization: ADMIN_TOKEN, 'Content-Type': 'application/json' },
    body: JSON.stringify({ type: 'histogram', help: 'A histogram\n"declared"\0' }),
  });
  expect(response.status).toBe(200);
}

/** Pushes a batch and returns the accepted items. */
async function pushBatch(server: TestServer, items: readonly PushedItem[]): Promise<PushedItem[]> {
  const response = await push(server, items as unknown as Item[]);
  const text = await response.text();
  expect({ status: response.status, text: response.status === 202 ? '' : text }).toEqual({ status: 202, text: '' });
  const { rejected } = text === '' ? { rejected: [] } : (JSON.parse(text) as { rejected: { index: number }[] });
  const refused = new Set(rejected.map(({ index }) => index));
  return items.filter((_, index) => !refused.has(index));
}

async function expectBothPagesToParse(server: TestServer): Promise<void> {
  parseExposition(await scrape(server), 'text');
  parseExposition(await scrape(server, 'application/openmetrics-text'), 'openmetrics');
}

const hasPrometheus = isInstalled('prometheus') && isInstalled('promtool');
const describePrometheus = hasPrometheus ? describe : describe.skip;

describePrometheus(hasPrometheus ? 'a real Prometheus' : 'a real Prometheus (skipped: not installed)', () => {
  describe('scraping every second', () => {
    const server = serviceUnderTest();
    let prometheus: Prometheus;
    let openMetricsPage: ScrapeProxy;
    let textPage: ScrapeProxy;

    beforeEach(async () => {
      openMetricsPage = await startScrapeProxy(server.metricsUrl);
      textPage = await startScrapeProxy(server.metricsUrl, 'text/plain');
      prometheus = await startPrometheus({ openmetrics: openMetricsPage.url, text: textPage.url });
    });

    afterEach(async () => {
      await prometheus?.stop();
      await openMetricsPage?.stop();
      await textPage?.stop();
    });

    /** Returns the differences between the expected values and those in Prometheus. */
    async function differencesIn(job: string, expected: ReadonlyMap<string, number>): Promise<string[]> {
      const found = new Map<string, string>();
      for (const { metric, value } of await prometheus.query(`{job="${job}"}`)) {
        const { __name__: name = '', job: _job, instance: _instance, ...labels } = metric;
        found.set(seriesKey(name, labels), value[1]);
      }
      return [...expected]
        .filter(([key, value]) => Number(found.get(key)?.replace('Inf', 'Infinity')) !== value)
        .map(([key, value]) => `${key}: ${value} expected, ${found.get(key)} found`);
    }

    /**
     * Waits until each job has been scraped MIN_SCRAPES times, and returns the results. Prometheus takes several seconds before
     * its first scrape.
     */
    const scrapesOfEachJob = (): Promise<QueriedSeries[]> =>
      eventually(async () => {
        const ups = await prometheus.query('up[1h]');
        expect(ups).toHaveLength(2);
        for (const { values } of ups) expect(values.length).toBeGreaterThanOrEqual(MIN_SCRAPES);
        return ups;
      }, SETTLING);

    test(`keeps up and knows every value, whatever is pushed (seed ${SEED})`, async () => {
      const expectation = new ExpectedExposition();
      for (const name of ['h_declared', 'h_without_infinity']) {
        await declareHistogram(server, name);
        expectation.declareHistogram(name);
      }
      let taken = 0;
      for (const [index, items] of fc.sample(randomBatch, { seed: SEED, numRuns: BATCHES }).entries()) {
        const accepted = await pushBatch(server, items);
        for (const item of accepted) expectation.take(item);
        taken += accepted.length;
        if (index === BATCHES / 2) {
          await declareHistogram(server, 'h_late');
          expectation.declareHistogram('h_late');
        }
        await sleep(PAUSE_MS);
      }
      expect(taken).toBeGreaterThan(BATCHES * 10);

      const expected = expectation.series;
      expect(expected.size).toBeGreaterThan(300);
      for (const job of ['openmetrics', 'text']) {
        await eventually(async () => {
          const differences = await differencesIn(job, expected);
          expect({ job, differences: differences.slice(0, 10) }).toEqual({ job, differences: [] });
        }, SETTLING);
      }

      const ups = await scrapesOfEachJob();
      const durations = await prometheus.query('scrape_duration_seconds[1h]');
      const errors = (await prometheus.lastErrors()).filter((error) => error !== '' && !error.includes(OUT_OF_TIME));
      for (const { metric, values } of ups) {
        const taken = new Map(durations.find((each) => each.metric.job === metric.job)!.values);
        // On a busy machine, a second may not be enough for a scrape. An exposition that does not parse is refused in less time.
        const downs = values.filter(([at, up]) => up !== '1' && Number(taken.get(at)) < SCRAPE_TIMEOUT_SECONDS);
        expect({ job: metric.job, downs, errors }).toEqual({ job: metric.job, downs: [], errors: [] });
      }
      // The two jobs received the formats after which they are named.
      const sentTypes = ({ scrapes }: ScrapeProxy) => [...new Set(scrapes.map(({ contentType }) => contentType))];
      expect(sentTypes(openMetricsPage)).toEqual(['application/openmetrics-text; version=1.0.0; charset=utf-8']);
      expect(sentTypes(textPage)).toEqual(['text/plain; version=0.0.4; charset=utf-8']);
      // No client was able to inject a line.
      expect(await prometheus.query('{__name__=~"evil|injected.*"}')).toEqual([]);

      await expectBothPagesToParse(server);
      const { status, output } = checkWithPromtool(await scrape(server));
      expect({ status, output: status === 1 ? output : '' }).toEqual({ status: 3, output: '' });
      expect(server.output()).not.toContain('"level":"error"');
    });
  });

  describe('promtool', () => {
    const server = serviceUnderTest();

    test("has no remark on well-named metrics, the service's own among them", async () => {
      await declareHistogram(server, 'checkout_duration_seconds');
      await pushBatch(server, [
        { name: 'checkouts_total', help: 'Checkouts, by "outcome"', value: 3, labels: { outcome: 'paid' } },
        { name: 'baskets', help: 'Open baskets', value: 7, labels: {} },
        {
          name: 'payload_bytes_total',
          help: 'What was sent',
          unit: 'bytes',
          value: 512,
          labels: { path: 'C:\\\n"x"' },
        },
        ...['0.1', '1', '+Inf'].map((le) => ({ name: 'checkout_duration_seconds_bucket', value: 2, labels: { le } })),
        { name: 'checkout_duration_seconds_sum', value: 0.2, labels: {} },
        { name: 'checkout_duration_seconds_count', value: 2, labels: {} },
        // This sample is refused, so that the counter of refusals is in the exposition.
        { name: 'checkouts_total', value: -1, labels: { outcome: 'paid' } },
      ]);
      const page = await scrape(server);
      expect(page).toContain('custom_metrics_samples_refused_total{');
      expect(checkWithPromtool(page)).toEqual({ status: 0, output: '' });
      await expectBothPagesToParse(server);
    });
  });
});
