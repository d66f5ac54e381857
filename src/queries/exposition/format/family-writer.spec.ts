import fc from 'fast-check';
import { Counter, Gauge, Histogram, register, Summary } from 'prom-client';
import { findReferenceInterpreter, ReferenceParser } from '../../../../test/support/reference-parser.js';
import { parseExposition, seriesKey } from '../../../../test/support/exposition-parser.js';
import {
  counter,
  CREATED_AT,
  gauge,
  histogram,
  pageOf,
  type PushedMetric,
} from '../../../../test/support/pushed-page.js';
import { HISTOGRAM_SUFFIX } from '../../../catalog/metric/histogram-family.js';
import { labelSetOf, labelsToText } from '../../../catalog/series/label-set.js';
import type { MetricType } from '../../../catalog/metric/metric.js';
import { type OwnFamily, OwnMetrics } from '../../../catalog/metric/own-metrics.js';

const describeIfInstalled = findReferenceInterpreter() === undefined ? describe.skip : describe;

describeIfInstalled('an exposition (skipped without the Python package prometheus_client)', () => {
  let reference: ReferenceParser;
  const own = new OwnMetrics();

  beforeAll(() => {
    reference = ReferenceParser.start();
    const options = { help: 'of "this" service\\', registers: [] };
    const jobs = new Counter({ name: 'own_jobs_total', labelNames: ['kind'], ...options });
    const depth = new Gauge({ name: 'own_depth', ...options });
    const seconds = new Histogram({ name: 'own_seconds', labelNames: ['kind'], ...options });
    const sizes = new Summary({ name: 'own_sizes', ...options });
    jobs.inc({ kind: 'a' }, 2);
    depth.set(-3);
    seconds.observe({ kind: 'a' }, 0.3);
    seconds.observe({ kind: 'b' }, 0.3);
    sizes.observe(5);
    for (const metric of [jobs, depth, seconds, sizes]) register.registerMetric(metric);
  });

  afterAll(async () => {
    register.clear();
    await reference.stop();
  });

  const typesOf = async (metrics: readonly PushedMetric[], ownFamilies: readonly OwnFamily[] = []) => {
    await reference.parse(pageOf(metrics, 'text', ownFamilies), 'text');
    const families = await reference.parse(pageOf(metrics, 'openmetrics', ownFamilies), 'openmetrics');
    return Object.fromEntries(families.map(({ name, type, samples }) => [`${type} ${name}`, samples]));
  };

  describe('of OpenMetrics', () => {
    test.each<[what: string, metrics: readonly PushedMetric[], families: Record<string, string[]>]>([
      ['a counter', [counter('a_total')], { 'counter a': ['a_total', 'a_created'] }],
      ['only the suffix', [counter('_total')], { 'unknown _total': ['_total'] }],
      ['only the suffix', [counter('_total')], { 'unknown _total': ['_total'] }],
      ['a counter of another name', [counter('a')], { 'unknown a': ['a'] }],
      [
        'a total below zero',
        [{ ...counter('a_total'), series: [{ labels: {}, value: -1, isCumulative: true }] }],
        { 'unknown a_total': ['a_total'] },
      ],
      [
        'a counter and a gauge of its name',
        [counter('a_total'), gauge('a')],
        { 'gauge a': ['a'], 'unknown a_total': ['a_total'] },
      ],
      [
        'the sample that Python adds to a counter',
        [gauge('a_created', 5), counter('a_total')],
        { 'counter a': ['a_total', 'a_created'] },
      ],
      [
        '_created without a series of the counter',
        [counter('a_total'), gauge('a_created', 5, { x: '1' })],
        { 'unknown a_total': ['a_total'], 'gauge a_created': ['a_created'] },
      ],
      [
        'a counter of that name',
        [counter('a_total'), counter('a_created')],
        { 'unknown a_total': ['a_total'], 'unknown a_created': ['a_created'] },
      ],
      [
        'two counters that need the same name',
        [counter('a_created_total'), counter('a_total')],
        { 'counter a': ['a_total', 'a_created'], 'unknown a_created_total': ['a_created_total'] },
      ],
      [
        'a histogram',
        histogram({ 1: 1, '+Inf': 2 }, 3, 2),
        { 'histogram h': ['h_bucket', 'h_bucket', 'h_sum', 'h_count'] },
      ],
      [
        'a histogram without +Inf',
        histogram({ 1: 1 }, 3, 2),
        { 'histogram h': ['h_bucket', 'h_bucket', 'h_sum', 'h_count'] },
      ],
      ['a histogram of only buckets', histogram({ 1: 1, inf: 2 }), { 'histogram h': ['h_bucket', 'h_bucket'] }],
      [
        'the sample that Python adds to a histogram',
        [...histogram({ 1: 1 }, 3, 2), gauge('h_created', 5)],
        { 'histogram h': ['h_bucket', 'h_bucket', 'h_sum', 'h_count', 'h_created'] },
      ],
      [
        'a histogram without a sum',
        histogram({ 1: 1 }, undefined, 2),
        { 'unknown h_bucket': ['h_bucket', 'h_bucket'], 'unknown h_count': ['h_count'] },
      ],
      [
        'a histogram without a count',
        histogram({ 1: 1, '+Inf': 2 }, 3),
        { 'unknown h_bucket': ['h_bucket', 'h_bucket'], 'unknown h_sum': ['h_sum'] },
      ],
      [
        'a histogram with only some buckets',
        histogram({ 1: 1, 2: 1 }),
        { 'unknown h_bucket': ['h_bucket', 'h_bucket'] },
      ],
      ['a histogram of only a sum', histogram({}, 3), { 'unknown h_sum': ['h_sum'] }],
      [
        'half an observation',
        histogram({ 1: 0.5 }, 3, 2),
        { 'unknown h_bucket': ['h_bucket', 'h_bucket'], 'unknown h_sum': ['h_sum'], 'unknown h_count': ['h_count'] },
      ],
      [
        'observations below zero',
        histogram({ '-1': 1 }, 3, 2),
        { 'unknown h_bucket': ['h_bucket', 'h_bucket'], 'unknown h_sum': ['h_sum'], 'unknown h_count': ['h_count'] },
      ],
      [
        'a sum below zero',
        histogram({ 1: 1 }, -3, 2),
        { 'unknown h_bucket': ['h_bucket', 'h_bucket'], 'unknown h_sum': ['h_sum'], 'unknown h_count': ['h_count'] },
      ],
      [
        'one bound in two spellings',
        histogram({ '1': 1, '1.0': 1 }, 3, 2),
        {
          'unknown h_bucket': ['h_bucket', 'h_bucket', 'h_bucket'],
          'unknown h_sum': ['h_sum'],
          'unknown h_count': ['h_count'],
        },
      ],
      [
        "a counter of a histogram's sample",
        [...histogram({ 1: 1 }, 3, 2), counter('h_count_total')],
        { 'histogram h': ['h_bucket', 'h_bucket', 'h_sum', 'h_count'], 'unknown h_count_total': ['h_count_total'] },
      ],
      [
        'a unit',
        [{ ...counter('a_bytes_total'), unit: 'bytes' }],
        { 'counter a_bytes': ['a_bytes_total', 'a_bytes_created'] },
      ],
    ])('%s', async (_what, metrics, families) => expect(await typesOf(metrics)).toEqual(families));
  });

  describe("next to the service's own metrics", () => {
    const JOB = { job: 'app' };

    test.each<[what: string, metrics: readonly PushedMetric[], families: Record<string, unknown>]>([
      [
        'a counter',
        [counter('own_jobs_total', 5, JOB)],
        { 'counter own_jobs': ['own_jobs_total', 'own_jobs_total', 'own_jobs_created'] },
      ],
      [
        'a total below zero',
        [{ ...counter('own_jobs_total'), series: [{ labels: JOB, value: -1, isCumulative: true }] }],
        { 'unknown own_jobs_total': ['own_jobs_total', 'own_jobs_total'] },
      ],
      [
        'a gauge of the family',
        [gauge('own_jobs')],
        { 'unknown own_jobs_total': ['own_jobs_total'], 'gauge own_jobs': ['own_jobs'] },
      ],
      [
        '_created without a series of the service',
        [gauge('own_jobs_created')],
        { 'unknown own_jobs_total': ['own_jobs_total'], 'gauge own_jobs_created': ['own_jobs_created'] },
      ],
      ['the same series', [counter('own_jobs_total', 5, { kind: 'a' })], { 'counter own_jobs': ['own_jobs_total'] }],
      ['another type', [gauge('own_jobs_total', 5, JOB)], { 'counter own_jobs': ['own_jobs_total'] }],
      [
        'a sample of a histogram',
        [counter('own_seconds_count', 5, JOB)],
        { 'histogram own_seconds': expect.not.arrayContaining(['x']) },
      ],
      [
        '_created of a histogram',
        [gauge('own_seconds_created', 5, JOB)],
        {
          'unknown own_seconds_count': ['own_seconds_count', 'own_seconds_count'],
          'gauge own_seconds_created': ['own_seconds_created'],
        },
      ],
      ['up', [gauge('up', 1, JOB), gauge('up_and_away')], { 'gauge up_and_away': ['up_and_away'] }],
    ])('%s', async (_what, metrics, families) => {
      const types = await typesOf(metrics, await own.families());
      expect(types).toMatchObject(families);
      expect(types).not.toHaveProperty('gauge up');
    });

    test('a histogram', async () => {
      const parts = histogram({ 1: 1, '+Inf': 2 }, 3, 2).map((metric) => ({
        ...metric,
        name: metric.name.replace(/^h/, 'own_seconds'),
        series: metric.series?.map(({ labels, value }) => ({ labels: { ...labels, ...JOB }, value })),
      }));
      const ownFamilies = await own.families();
      const counts = (samples: readonly string[] = []) => samples.filter((name) => name === 'own_seconds_count').length;
      expect(counts((await typesOf(parts, ownFamilies))['histogram own_seconds'])).toBe(3);
      const page = pageOf(parts, 'text', ownFamilies);
      expect(page.match(/# TYPE own_seconds /g)).toHaveLength(1);
      expect(page).toContain('own_seconds_count{job="app"} 2\n');
    });
  });

  test('is legal in both formats and loses nothing, whatever was pushed', async () => {
    const ownFamilies = await own.families();
    const stem = fc.constantFrom(...Array<string>(8).fill('a'), 'own_jobs', 'own_seconds', 'own_sizes');
    const suffix = fc.oneof(
      fc.constantFrom('', '_total', '_created', '_bucket', '_count', '_sum'),
      fc.constantFrom('_total', '_created'),
      fc.constantFrom('_info', '_gsum', '_gcount', '_bytes', '_created_total', '_total_created', '_created_created'),
    );
    const someLabels = fc.record(
      {
        a: fc.constantFrom('1', ' # {} ', '"\\\n'),
        le: fc.constantFrom('1', '1.0', '2', '-1', 'inf', '+Inf', 'NaN', 'x'),
        job: fc.constant('app'),
        kind: fc.constantFrom('a', 'b'),
      },
      { requiredKeys: [] },
    );
    const labels = fc.oneof(
      { weight: 4, arbitrary: fc.constant({}) },
      fc.record({ le: fc.constantFrom('1', '+Inf') }),
      someLabels,
    );
    const value = fc.oneof(fc.nat(5), fc.nat(5), fc.constantFrom(0.5, -1, NaN, 1e21, 5e-324, -0));
    const series = fc.uniqueArray(fc.record({ labels, value, isCumulative: fc.boolean() }), {
      minLength: 1,
      maxLength: 3,
      selector: ({ labels: each }) => labelsToText(labelSetOf(each)),
    });
    const metric = fc
      .record({
        name: fc.tuple(stem, suffix).map((parts) => parts.join('')),
        oddType: fc.constantFrom<MetricType | undefined>('counter', 'gauge', 'histogram', ...Array<undefined>(9)),
        unit: fc.constantFrom('bytes', 'total', 'created', ''),
        series,
      })
      // Most metrics have the type that fits their name. If the types were random, almost all families would have the type
      // unknown.
      .map(({ name, oddType, ...rest }): PushedMetric => ({ name, type: oddType ?? usualType(name), ...rest }));
    await fc.assert(
      fc.asyncProperty(fc.array(metric, { maxLength: 10, size: 'max' }), fc.boolean(), async (drawn, withOwn) => {
        const metrics = whatIngestionTakes(drawn);
        const shown: Record<string, [string, number][]> = {};
        for (const format of ['text', 'openmetrics'] as const) {
          const page = pageOf(metrics, format, withOwn ? ownFamilies : []);
          await reference.parse(page, format);
          const samples = parseExposition(page, format).flatMap((family) => family.samples);
          const isOurs = ({ name, value: at }: { name: string; value: number }) =>
            name.endsWith('_created') && at === CREATED_AT.getTime() / 1000;
          shown[format] = samples
            .filter((sample) => !isOurs(sample))
            .map((sample): [string, number] => [seriesKey(sample.name, sample.labels), sample.value])
            .toSorted(([one], [other]) => (one < other ? -1 : 1));
        }
        expect(shown.openmetrics).toEqual(shown.text);
      }),
      { numRuns: Number(process.env.PAGE_RUNS ?? 500) },
    );
  });
});

function usualType(name: string): MetricType {
  if (/_(?:total|bucket|count|sum)$/.test(name)) return 'counter';
  return name.endsWith('_created') ? 'gauge' : 'histogram';
}

/**
 * Removes what ingestion refuses: a second metric of the same name, a histogram whose parts are not all counters, the samples of
 * a histogram itself, and deltas below zero.
 */
function whatIngestionTakes(drawn: readonly PushedMetric[]): PushedMetric[] {
  const byName = new Map<string, PushedMetric>();
  for (const metric of drawn) if (!byName.has(metric.name)) byName.set(metric.name, metric);
  const partsOf = ({ name }: PushedMetric) =>
    Object.values(HISTOGRAM_SUFFIX).flatMap((suffix) => byName.get(name + suffix) ?? []);
  for (const metric of byName.values()) {
    if (metric.type !== 'histogram') continue;
    if (partsOf(metric).some(({ type }) => type !== 'counter')) byName.delete(metric.name);
    else byName.set(metric.name, { ...metric, series: [] });
  }
  return [...byName.values()].map((metric) => {
    if (metric.type !== 'counter') return metric;
    // Only a cumulative total can be below zero.
    return { ...metric, series: metric.series?.filter(({ value, isCumulative }) => isCumulative || !(value < 0)) };
  });
}
