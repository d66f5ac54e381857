import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { parseExposition } from '../support/exposition-parser.js';
import { runOtelApp, runOtelProcess, type Way } from '../support/otlp.js';
import { getJson, INGEST_TOKEN, scrape, valueOn } from '../support/server.js';
import { serviceUnderTest } from '../support/service-under-test.js';

const WAYS: readonly Way[] = [
  { temporality: 'delta', encoding: 'protobuf' },
  { temporality: 'delta', encoding: 'json', compression: 'gzip' },
  { temporality: 'cumulative', encoding: 'protobuf', compression: 'gzip' },
  { temporality: 'cumulative', encoding: 'json' },
];

describe('apps with the OpenTelemetry SDK', () => {
  const server = serviceUnderTest();

  /** Returns the stored values of a metric, ordered by time and then by arrival. */
  async function storedValues(metric: string, label: string): Promise<number[]> {
    const { samples } = await getJson<{ samples: { value: number }[] }>(
      server,
      `/api/history/samples?metric=${metric}&label=${encodeURIComponent(label)}`,
    );
    return samples.map(({ value }) => value);
  }

  describe.each(WAYS)('an app with the SDK, $temporality in $encoding', (way) => {
    const service = `${way.temporality}-${way.encoding}`;
    const labels = `instance="i-1",job="shop/${service}"`;
    const jobLabel = `job=shop/${service}`;

    beforeAll(async () => {
      expect(await runOtelApp('shop', way, server)).toBe('');
    });

    it('ends with the exact values on the page', async () => {
      const page = await scrape(server);
      const series = (name: string, more = '') => valueOn(page, `${name}{${more}${labels}}`);
      expect(valueOn(page, `orders_placed_total{${labels},pay_method="card"}`)).toBe(7.5);
      expect(valueOn(page, `carts_open{${labels},pay_method="card"}`)).toBe(-2);
      expect(series('room_temperature_celsius')).toBe(22);
      expect(page).toContain('# HELP room_temperature_celsius How warm it is');
      expect(page).toContain('# TYPE order_duration_seconds histogram');
      const bucket = (bound: string) => valueOn(page, `order_duration_seconds_bucket{${labels},le="${bound}"}`);
      // The pushed values are 0.25, 0.75, 4 and 0.5, 1.5, 8.
      expect(['0.5', '1', '2.5', '+Inf'].map(bucket)).toEqual([2, 3, 4, 6]);
      expect(series('order_duration_seconds_sum')).toBe(15);
      expect(series('order_duration_seconds_count')).toBe(6);
      expect(() => parseExposition(page, 'text')).not.toThrow();
    });

    it('ends with the exact values in the history', async () => {
      const isDelta = way.temporality === 'delta';
      expect(await storedValues('orders_placed_total', jobLabel)).toEqual(isDelta ? [2.5, 5] : [2.5, 7.5]);
      // For up-down counters, this SDK prefers cumulative temporality in both cases.
      expect(await storedValues('carts_open', jobLabel)).toEqual([5, -2]);
      expect(await storedValues('room_temperature_celsius', jobLabel)).toEqual([21, 22]);
      expect(await storedValues('order_duration_seconds_count', jobLabel)).toEqual(isDelta ? [3, 3] : [3, 6]);
      expect(await storedValues('order_duration_seconds_sum', jobLabel)).toEqual(isDelta ? [5, 10] : [5, 15]);
    });

    it('is described by target_info', async () => {
      const info = parseExposition(await scrape(server), 'text').find(({ name }) => name === 'target_info');
      expect(info?.samples.map((each) => each.labels)).toContainEqual({
        job: `shop/${service}`,
        instance: 'i-1',
        host_name: 'h-1',
        process_command_args: '["node","app.js"]',
      });
    });
  });

  it.each(WAYS)(
    'keeps count, sum and quantiles of an exponential histogram, $temporality in $encoding',
    async (way) => {
      // The second export has a wider range than the first, so the SDK lowers its scale between them.
      const exports = [
        Array.from({ length: 200 }, (_, index) => 0.1 + index / 1_000),
        Array.from({ length: 400 }, (_, index) => 0.000_1 * 10 ** (index / 80)),
      ];
      expect(await runOtelApp('exponential', way, server, exports)).toBe('');
      const values = exports.flat().toSorted((a, b) => a - b);
      const job = `job="${way.temporality}-${way.encoding}"`;
      const ask = async (query: string) => {
        const { data } = await getJson<{ data: { result: { value: [number, string] }[] } }>(
          server,
          `/api/v1/query?query=${encodeURIComponent(query)}`,
        );
        return Number(data.result[0]?.value[1]);
      };
      expect(await ask(`spread_seconds_count{${job}}`)).toBe(values.length);
      expect(await ask(`spread_seconds_sum{${job}}`)).toBeCloseTo(values.reduce((sum, value) => sum + value, 0));
      const sources = [`spread_seconds_bucket{${job}}`];
      if (way.temporality === 'delta')
        sources.push(`sum_over_time(spread_seconds_bucket{${job},__view__="delta"}[1h])`);
      for (const source of sources) {
        for (const q of [0.5, 0.95, 0.99]) {
          const exact = values[Math.ceil(q * values.length) - 1]!;
          const error = Math.abs((await ask(`histogram_quantile(${q}, ${source})`)) - exact) / exact;
          expect(error).toBeLessThan(2 ** 0.25 - 1);
        }
      }
      const page = await scrape(server);
      expect(() => parseExposition(page, 'text')).not.toThrow();
      expect(page).toContain('# TYPE spread_seconds histogram');
    },
  );

  it('needs nothing but the environment that the documentation shows', async () => {
    const text = await readFile(path.join(import.meta.dirname, '../../docs/opentelemetry.md'), 'utf8');
    const lines = /```sh\n(.*?)```/s.exec(text)![1]!.trim().replaceAll('export ', '').split('\n');
    const documented = Object.fromEntries(lines.map((line) => line.split(/=(.*)/s, 2))) as Record<string, string>;
    const env = {
      ...documented,
      OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: `${server.url}/v1/metrics`,
      OTEL_EXPORTER_OTLP_METRICS_HEADERS: documented
        .OTEL_EXPORTER_OTLP_METRICS_HEADERS!.replaceAll('"', '')
        .replace('$INGEST_TOKEN', INGEST_TOKEN),
      OTEL_APP: JSON.stringify({ app: 'documented' }),
    };
    for (let run = 0; run < 2; run++) {
      expect(await runOtelProcess(env)).toBe('');
    }
    // The value is the sum of deltas from two processes.
    expect(valueOn(await scrape(server), 'documented_total')).toBe(8);
  });
});
