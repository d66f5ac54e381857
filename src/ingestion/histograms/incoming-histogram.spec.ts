import fc from 'fast-check';
import { Refusal } from '../../catalog/refusal.js';
import { type IncomingHistogram, samplesOfHistogram } from './incoming-histogram.js';

const LIMITS = {
  maxLabels: 32,
  metricNameMaxLength: 200,
  nameValidation: 'legacy' as const,
  labelValueMaxLength: 1_000,
  histogramMaxBuckets: 500,
};

const histogram: IncomingHistogram = {
  name: 'latency_seconds',
  labels: { app: 'shop' },
  buckets: [
    { bound: 1, count: 3 },
    { bound: 0.5, count: 2 },
  ],
  sum: 4.5,
  count: 4,
  temporality: 'delta',
  help: 'How long it took',
};

function refusalOf(change: Partial<IncomingHistogram>): string {
  const outcome = samplesOfHistogram({ ...histogram, ...change }, 0, LIMITS);
  return outcome instanceof Refusal ? outcome.message : 'taken';
}

describe('A histogram that is pushed', () => {
  it('becomes its buckets by rising bound, including +Inf, then sum and count', () => {
    const samples = samplesOfHistogram(histogram, 7, LIMITS);
    expect(samples).toMatchObject([
      { name: 'latency_seconds_bucket', labels: { app: 'shop', le: '0.5' }, value: 2 },
      { name: 'latency_seconds_bucket', labels: { app: 'shop', le: '1' }, value: 3 },
      { name: 'latency_seconds_bucket', labels: { app: 'shop', le: '+Inf' }, value: 4 },
      { name: 'latency_seconds_sum', labels: { app: 'shop' }, value: 4.5 },
      { name: 'latency_seconds_count', labels: { app: 'shop' }, value: 4 },
    ]);
    const part = { name: 'latency_seconds', item: 7, help: 'How long it took', unit: undefined };
    for (const each of samples as object[]) {
      expect(each).toMatchObject({ type: 'counter', temporality: 'delta', histogram: part });
    }
  });

  it('has no sum if the client does not know it', () => {
    const samples = samplesOfHistogram({ ...histogram, sum: null }, 0, LIMITS) as { name: string }[];
    expect(samples.map(({ name }) => name)).not.toContain('latency_seconds_sum');
  });

  it.each<[string, Partial<IncomingHistogram>, RegExp]>([
    [
      'buckets that are not cumulative',
      {
        buckets: [
          { bound: 1, count: 3 },
          { bound: 2, count: 1 },
        ],
      },
      /1 in the bucket up to 2, and 3 below/,
    ],
    ['a bucket above the count', { count: 1 }, /2 in the bucket up to 0.5, and a count of 1/],
    [
      'a +Inf bucket that differs from its count',
      { buckets: [{ bound: Infinity, count: 3 }] },
      /3 in the bucket up to \+Inf, and a count of 4/,
    ],
    ['a negative count', { buckets: [], count: -1 }, /the count -1/],
    ['a sum that is not a number', { sum: NaN }, /the sum NaN/],
    ['a bound that is not a number', { buckets: [{ bound: NaN, count: 0 }] }, /the bound NaN/],
    [
      'a duplicate bound',
      {
        buckets: [
          { bound: 1, count: 1 },
          { bound: 1, count: 1 },
        ],
      },
      /two buckets with the bound 1/,
    ],
    ['a label le', { labels: { le: '5' } }, /label le of its own/],
  ])('is refused with %s', (_fault, change, message) => {
    expect(refusalOf(change)).toMatch(message);
  });

  it('is cumulative and ends with its count, for any observations', () => {
    const bounds = fc.uniqueArray(
      fc.double({ noNaN: true, min: -1e6, max: 1e6 }).map((bound) => bound + 0),
      { maxLength: 8 },
    );
    const increases = fc.array(fc.nat(1000), { minLength: 9, maxLength: 9 });
    fc.assert(
      fc.property(bounds, increases, (unsorted, perBucket) => {
        let below = 0;
        const buckets = unsorted
          .toSorted((a, b) => a - b)
          .map((bound, index) => ({ bound, count: (below += perBucket[index]!) }));
        const count = below + perBucket[8]!;
        const samples = samplesOfHistogram({ ...histogram, buckets: buckets.toReversed(), count }, 0, LIMITS);
        if (samples instanceof Refusal) throw new Error(samples.message);
        const shown = samples.filter(({ name }) => name.endsWith('_bucket'));
        expect(shown).toHaveLength(buckets.length + 1);
        expect(shown.at(-1)).toMatchObject({ labels: { le: '+Inf' }, value: count });
        const values = shown.map(({ value }) => value);
        expect(values.toSorted((a, b) => a - b)).toEqual(values);
      }),
    );
  });

  it('does not multiply many buckets by many labels', () => {
    const buckets = Array.from({ length: 501 }, (_, bound) => ({ bound, count: 0 }));
    expect(samplesOfHistogram({ ...histogram, buckets, count: 0 }, 0, LIMITS)).toMatchObject({
      reason: 'histogram_invalid',
      message: expect.stringContaining('501 buckets, the limit (HISTOGRAM_MAX_BUCKETS) is 500'),
    });
    expect(samplesOfHistogram({ ...histogram, labels: { a: 1, b: 2 } }, 0, { ...LIMITS, maxLabels: 1 })).toMatchObject({
      reason: 'too_many_labels',
    });
  });
});
