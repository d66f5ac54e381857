import fc from 'fast-check';
import { toEnd } from '../../../test/support/to-end.js';
import { samplesOfImpactMetrics } from './impact-metrics.js';

const hostile = fc.oneof(
  fc.anything({ withNullPrototype: false }),
  fc.constantFrom(null, '', '+Inf', 'inf', '1', '__proto__', -1, 0, 1e308, NaN),
);
/** Generates a value that is valid most of the time. */
const mostly = <Value>(fitting: fc.Arbitrary<Value>, weight = 15) =>
  fc.oneof({ arbitrary: fitting as fc.Arbitrary<unknown>, weight }, { arbitrary: hostile, weight: 1 });

const labels = mostly(fc.dictionary(fc.string({ maxLength: 5 }), mostly(fc.string()), { maxKeys: 3 }));
const sample = mostly(fc.record({ labels, value: mostly(fc.double({ min: 0, noNaN: true })) }));
const histogramSample = mostly(
  fc.uniqueArray(fc.integer({ min: -5, max: 5 }), { maxLength: 4 }).chain((bounds) =>
    fc.record({
      labels,
      count: mostly(fc.constant(bounds.length)),
      sum: mostly(fc.double({ min: -10, max: 10, noNaN: true })),
      buckets: mostly(fc.constant(bounds.toSorted((a, b) => a - b).map((le, index) => ({ le, count: index + 1 })))),
    }),
  ),
);
const metric = mostly(
  fc.oneof(
    fc.record({
      name: mostly(fc.string({ minLength: 1 })),
      help: mostly(fc.string()),
      type: mostly(fc.constantFrom('counter', 'gauge')),
      samples: mostly(fc.array(sample, { maxLength: 3 })),
    }),
    fc.record({
      name: mostly(fc.string({ minLength: 1 })),
      type: fc.constant('histogram'),
      samples: mostly(fc.array(histogramSample, { maxLength: 3 })),
    }),
  ),
);
const impactMetrics = mostly(fc.array(metric, { maxLength: 4 }), 30);

const limits = {
  maxSamples: 1_000,
  maxLabels: 32,
  metricNameMaxLength: 200,
  nameValidation: 'legacy' as const,
  labelValueMaxLength: 1_000,
  histogramMaxBuckets: 500,
};

const read = (given: unknown, addsLabels = true) => toEnd(samplesOfImpactMetrics(given, { addsLabels, limits }));

describe('samplesOfImpactMetrics', () => {
  it('lets others run after each sample, whether it is accepted or refused', () => {
    const samples = Array.from({ length: 300 }, (_, index) => ({ labels: {}, value: index % 2 === 0 ? 1 : 'x' }));
    const steps = samplesOfImpactMetrics([{ name: 'a', type: 'counter', samples }], { addsLabels: true, limits });
    expect([...steps].length).toBeGreaterThanOrEqual(samples.length);
  });

  it('never throws, and only returns samples that ingestion accepts', () => {
    const seen = { samples: 0, refused: 0 };
    fc.assert(
      fc.property(impactMetrics, (given) => {
        const { samples, refused } = read(given);
        seen.samples += samples.length;
        seen.refused += refused.length;
        for (const { name, value, type, temporality, labels: set } of samples) {
          expect(name).toMatch(/^[a-zA-Z0-9_]+$/);
          expect(Number.isFinite(value)).toBe(true);
          expect([type, temporality]).toEqual(type === 'gauge' ? ['gauge', undefined] : ['counter', 'delta']);
          expect(Object.values(set!).every((text) => ['string', 'number', 'boolean'].includes(typeof text))).toBe(true);
        }
      }),
      { numRuns: 300 },
    );
    expect(seen.samples).toBeGreaterThan(300);
    expect(seen.refused).toBeGreaterThan(100);
  });

  it('accepts the same valid metrics, whatever is between them', () => {
    const good = { name: 'good', type: 'counter', samples: [{ value: 1 }] };
    fc.assert(
      fc.property(fc.array(hostile, { maxLength: 5 }), (others) => {
        const names = read([good, ...others, good]).samples.map(({ name }) => name);
        expect(names.filter((name) => name === 'good')).toHaveLength(2);
      }),
    );
  });

  it('turns each histogram sample into one item', () => {
    const one = { count: 1, sum: 2, buckets: [{ le: 5, count: 1 }] };
    const { samples } = read([
      { name: 'h', help: 'Help', type: 'histogram', samples: [one, { ...one, labels: { a: 'b' } }] },
    ]);
    expect(samples.map(({ name, histogram }) => [name, histogram?.item])).toEqual([
      ['h_bucket', 0],
      ['h_bucket', 0],
      ['h_sum', 0],
      ['h_count', 0],
      ['h_bucket', 1],
      ['h_bucket', 1],
      ['h_sum', 1],
      ['h_count', 1],
    ]);
    expect(samples[0]).toMatchObject({
      labels: { origin: 'sdk', metric_type: 'histogram', le: '5' },
      histogram: { name: 'h', help: 'Help' },
    });
  });

  it('keeps labels of the client that have the names of labels it would add, in any spelling', () => {
    const { samples } = read([
      { name: 'c', type: 'counter', samples: [{ value: 1, labels: { 'metric-type': 'x', origin: 'edge' } }] },
    ]);
    expect(samples[0]!.labels).toEqual({ 'metric-type': 'x', origin: 'edge' });
  });

  it('adds no labels if that is switched off', () => {
    const given = [{ name: 'c', type: 'counter', samples: [{ value: 1, labels: { a: 'b', gone: null } }] }];
    expect(read(given, false).samples[0]!.labels).toEqual({ a: 'b' });
  });

  it('does not turn a megabyte of labels and a megabyte of buckets into terabytes', () => {
    const many = Object.fromEntries(Array.from({ length: 50_000 }, (_, index) => [`l${index}`, 'x']));
    const buckets = Array.from({ length: 50_000 }, (_, le) => ({ le, count: 1 }));
    const histogram = (sample: object) => ({
      name: 'h',
      type: 'histogram',
      samples: [{ count: 1, sum: 1, ...sample }],
    });
    const { samples, refused } = read([
      histogram({ labels: many, buckets: buckets.slice(0, 100) }),
      histogram({ labels: {}, buckets }),
      histogram({ labels: {}, buckets: buckets.slice(0, 1) }),
    ]);
    expect(refused.map(({ index, refusal }) => [index, refusal.reason])).toEqual([
      [0, 'too_many_labels'],
      [1, 'too_many_samples'],
    ]);
    expect(samples).toHaveLength(4);
  });

  it('accepts numbers that are written as text, as Unleash does', () => {
    const { samples, refused } = read([
      { name: 'c', type: 'counter', samples: [{ value: '3' }, { value: ' 1e2 ' }, { value: '3x' }, { value: '' }] },
      { name: 'h', type: 'histogram', samples: [{ count: '2', sum: '1.5', buckets: [{ le: '+Inf', count: '2' }] }] },
    ]);
    expect(samples.map(({ value }) => value)).toEqual([3, 100, 2, 1.5, 2]);
    expect(refused.map(({ refusal }) => refusal.reason)).toEqual(['item_invalid', 'item_invalid']);
  });

  it('does not echo megabytes', () => {
    const { refused } = read([{ name: 'n'.repeat(1_000_000), type: 'x', samples: [] }]);
    expect(refused[0]!.refusal.message.length).toBeLessThan(300);
  });

  it('reads no more samples than a request may have, and no more labels than a series may have', () => {
    const many = 1_500;
    const labels = Object.fromEntries(Array.from({ length: 1_001 }, (_, index) => [`l${index}`, 'v']));
    const { samples, refused } = read([
      {
        name: 'a',
        type: 'counter',
        samples: [{ value: 1, labels }, ...Array.from({ length: many }, () => ({ value: 1 }))],
      },
    ]);
    expect(samples).toHaveLength(limits.maxSamples);
    expect(refused.map(({ refusal }) => refusal.reason)).toEqual([
      'too_many_labels',
      ...Array.from({ length: many - limits.maxSamples }, () => 'too_many_samples'),
    ]);
  });
});
