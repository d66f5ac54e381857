import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fc from 'fast-check';
import { collectDefaultMetrics, Counter, Histogram, Pushgateway, Registry } from 'prom-client';
import { findReferenceInterpreter } from '../support/reference-parser.js';
import { type Item, push, scrape, valueOn, createToken } from '../support/server.js';
import { serviceUnderTest } from '../support/service-under-test.js';

/** The seed. FUZZ_SEED sets another one. */
const SEED = Number(process.env.FUZZ_SEED ?? 20261128);
const ROUNDS = 30;

const interpreter = findReferenceInterpreter();

/** A job that pushes its default registry, with a counter and a histogram of its own, as a typical batch job in Python does. */
const PYTHON_JOB = `
import sys
from prometheus_client import Counter, Histogram, REGISTRY, push_to_gateway
from prometheus_client.exposition import basic_auth_handler

def authorized(url, method, timeout, headers, data):
    return basic_auth_handler(url, method, timeout, headers, data, 'job', sys.argv[2])

Counter('python_jobs', 'Jobs').inc(3)
Histogram('python_seconds', 'Took', ['step']).labels('a').observe(0.3)
push_to_gateway(sys.argv[1], job='python', registry=REGISTRY, handler=authorized)
`;

// The reference parser reads each exposition; see scrape() in support/server.ts.
describe(`the page${interpreter === undefined ? ' (not read by the reference parser, which is not installed)' : ''}`, () => {
  const server = serviceUnderTest();
  let totals: string;

  beforeAll(async () => {
    totals = await createToken(server, { defaultTemporality: 'cumulative' });
  });

  const bothPages = async () => ({
    text: await scrape(server),
    openMetrics: await scrape(server, 'application/openmetrics-text'),
  });

  const putPage = (path: string, body: string, contentType = 'text/plain') =>
    fetch(`${server.url}${path}`, {
      method: path.startsWith('/metrics') ? 'PUT' : 'POST',
      headers: { Authorization: totals, 'Content-Type': contentType },
      body,
    });

  describe("a client's default registry", () => {
    test("of prom-client stands beside the service's own", async () => {
      const registry = new Registry();
      collectDefaultMetrics({ register: registry });
      new Counter({ name: 'node_jobs_total', help: 'Jobs', registers: [registry] }).inc(3);
      // This default metric has values only after a garbage collection, so one is added here.
      const pauses = registry.getSingleMetric('nodejs_gc_duration_seconds') as Histogram<'kind'>;
      pauses.observe({ kind: 'minor' }, 0.002);
      const gateway = new Pushgateway(server.url, { auth: `job:${totals}` }, registry);
      const pushed = await gateway.push({ jobName: 'node' });
      expect(pushed.resp).toMatchObject({ statusCode: 200 });

      const { text, openMetrics } = await bothPages();
      for (const page of [text, openMetrics]) {
        expect(valueOn(page, 'process_cpu_seconds_total')).toBeGreaterThan(0);
        expect(valueOn(page, 'process_cpu_seconds_total{job="node"}')).toBeGreaterThan(0);
        expect(valueOn(page, 'node_jobs_total{job="node"}')).toBe(3);
        expect(valueOn(page, 'nodejs_gc_duration_seconds_count{job="node",kind="minor"}')).toBe(1);
      }
      expect(text.match(/^# TYPE process_cpu_seconds_total counter$/gm)).toHaveLength(1);
      expect(openMetrics.match(/^# TYPE process_cpu_seconds counter$/gm)).toHaveLength(1);
    });

    const testPython = interpreter === undefined ? test.skip : test;

    testPython('of Python, too (skipped without the Python package prometheus_client)', async () => {
      const job = spawn(interpreter!, ['-c', PYTHON_JOB, server.url, totals], { stdio: 'inherit' });
      expect(await once(job, 'exit')).toEqual([0, null]);
      const { text, openMetrics } = await bothPages();
      for (const page of [text, openMetrics]) {
        expect(valueOn(page, 'process_cpu_seconds_total{job="python"}')).toBeGreaterThan(0);
        expect(valueOn(page, 'python_jobs_created{job="python"}')).toBeGreaterThan(1e9);
        expect(valueOn(page, 'python_seconds_bucket{job="python",le="+Inf",step="a"}')).toBe(1);
      }
      // In the text format, this client adds gauges for the times of creation. In OpenMetrics, these are samples of the family.
      expect(text).toContain('# TYPE python_jobs_created gauge\n');
      expect(openMetrics).toContain('# TYPE python_jobs counter\n');
      expect(openMetrics).toContain('# TYPE python_seconds histogram\n');
      expect(openMetrics).not.toContain('# TYPE python_jobs_created');
    });

    test('over other receivers needs a label that distinguishes it from our own series', async () => {
      const page = (labels: string) =>
        `# TYPE process_cpu_seconds_total counter\nprocess_cpu_seconds_total${labels} 5\n`;
      const refused = await putPage('/api/push', page(''));
      expect([refused.status, await refused.text()]).toEqual([
        400,
        expect.stringContaining('Add a label, such as job'),
      ]);
      expect((await putPage('/api/push', page('{app="shop"}'))).status).toBe(202);
      const [name, labels] = ['process_resident_memory_bytes', { app: 'shop' }];
      const taken = await push(server, [{ name, value: 7, labels }]);
      expect([taken.status, await taken.text()]).toEqual([202, '']);
      const mixed = await push(server, [
        { name, value: 7, labels: {} },
        { name, value: 7, labels: { app: 'other' }, type: 'counter' },
        { name: 'custom_metrics_series', value: 7, labels: {} },
        { name: 'up', value: 0, labels: {} },
        { name: 'up', value: 0, labels: { app: 'shop' } },
      ]);
      const { rejected } = (await mixed.json()) as { rejected: { index: number; reason: string }[] };
      expect(rejected.map(({ index, reason }) => [index, reason])).toEqual([
        [0, 'reserved_name'],
        [1, 'type_conflict'],
        [2, 'reserved_name'],
        [3, 'reserved_name'],
        [4, 'reserved_name'],
      ]);
      const { text } = await bothPages();
      expect(valueOn(text, 'process_cpu_seconds_total{app="shop"}')).toBe(5);
      expect(valueOn(text, 'process_resident_memory_bytes{app="shop"}')).toBe(7);
      expect(valueOn(text, 'process_resident_memory_bytes')).toBeGreaterThan(1e6);
      expect(text).not.toMatch(/^up/m);
    });
  });

  test('is legal after an OTLP histogram without a sum', async () => {
    const point = { bucketCounts: ['1', '2'], explicitBounds: [0], count: '3', timeUnixNano: `${Date.now()}000000` };
    const metric = { name: 'otel.delay', histogram: { aggregationTemporality: 1, dataPoints: [point] } };
    const response = await fetch(`${server.url}/v1/metrics`, {
      method: 'POST',
      headers: { Authorization: totals, 'Content-Type': 'application/json' },
      body: JSON.stringify({ resourceMetrics: [{ scopeMetrics: [{ metrics: [metric] }] }] }),
    });
    expect([response.status, await response.text()]).toEqual([200, '{}']);
    const { openMetrics } = await bothPages();
    expect(openMetrics).toContain('# TYPE otel_delay_count unknown\n');
    expect(openMetrics).toMatch(/^otel_delay_count(?:\{.*\})? 3$/m);
  });

  test(`is legal whatever families are pushed, through any receiver (seed ${SEED})`, async () => {
    const name = fc
      .tuple(
        fc.constantFrom('x', 'x', 'y', 'nodejs_gc_duration_seconds', 'custom_metrics_series'),
        fc.constantFrom(
          '',
          '',
          '_total',
          '_created',
          '_bucket',
          '_sum',
          '_count',
          '_info',
          '_gsum',
          '_gcount',
          '_bytes',
        ),
        fc.constantFrom('', '', '', '', '_total', '_created'),
      )
      .map((parts) => parts.join(''));
    const labels = fc.record(
      { a: fc.constantFrom('1', '# {"\\'), le: fc.constantFrom('1', '1.0', '+Inf', '-1', 'x'), job: fc.constant('j') },
      { requiredKeys: [] },
    );
    const value = fc.constantFrom(0, 1, 2, 3, 0.5, -1);
    const item = fc.record({
      name,
      value,
      labels,
      type: fc.constantFrom('counter', 'gauge', undefined),
      temporality: fc.constantFrom('delta', 'cumulative', undefined),
      unit: fc.constantFrom('bytes', 'total', undefined),
    });
    const types = fc.constantFrom(
      'counter',
      'gauge',
      'histogram',
      'summary',
      'unknown',
      'info',
      'stateset',
      'gaugehistogram',
    );
    const textOf = (each: Readonly<Record<string, string>>) =>
      Object.entries(each)
        .map(([label, text]) => `${label}=${JSON.stringify(text)}`)
        .join(',');
    const family = fc
      .record({
        name,
        type: types,
        samples: fc.array(
          fc.record({
            suffix: fc.constantFrom('', '_bucket', '_sum', '_count', '_total', '_created', '_info'),
            labels,
            value,
          }),
          { minLength: 1, maxLength: 4 },
        ),
      })
      .map(({ name: familyName, type, samples }) => ({
        type,
        text: `# TYPE ${familyName} ${type}\n${samples.map((each) => `${familyName}${each.suffix}{${textOf(each.labels)}} ${each.value}\n`).join('')}`,
      }));
    const batch = fc.record({
      items: fc.array(item, { minLength: 5, maxLength: 15 }),
      families: fc.array(family, { minLength: 3, maxLength: 8 }),
    });

    let taken = 0;
    for (const [round, { items, families }] of fc.sample(batch, { seed: SEED, numRuns: ROUNDS }).entries()) {
      const answers = [await push(server, items as Item[])];
      // The families are pushed one by one. Most of them are invalid, and an exposition is accepted or refused as a whole.
      for (const { type, text } of families) {
        const isText = ['counter', 'gauge', 'histogram', 'summary'].includes(type) && round % 2 === 0;
        const path = round % 3 === 0 ? '/api/push' : `/metrics/job/random/round/${round % 5}`;
        answers.push(
          isText
            ? await putPage(path, text)
            : await putPage(path, `${text}# EOF\n`, 'application/openmetrics-text; version=1.0.0'),
        );
      }
      for (const { status } of answers) {
        expect([200, 202, 400]).toContain(status);
        if (status !== 400) taken++;
      }
      await bothPages();
    }
    expect(taken).toBeGreaterThan(ROUNDS * 2);
  });
});
