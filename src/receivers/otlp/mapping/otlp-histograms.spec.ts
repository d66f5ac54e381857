import type { OtlpExponentialHistogram, OtlpPoints } from '../encoding/otlp-request.js';
import { type MappedPoint, mapRequest } from './otlp-mapping.js';

const OPTIONS = {
  translationStrategy: 'UnderscoreEscapingWithSuffixes' as const,
  scopeLabels: false,
  promoteResourceAttributes: [],
  exponentialScale: 2,
};
const LIMITS = {
  maxLabels: 32,
  metricNameMaxLength: 200,
  nameValidation: 'legacy' as const,
  labelValueMaxLength: 1_000,
  histogramMaxBuckets: 500,
};

/** A histogram of the observations 0, 1.5 (twice) and 3. */
const POINT: OtlpExponentialHistogram = {
  attributes: [{ key: 'a', value: 'b' }],
  timestamp: 1_000,
  startedAt: null,
  hasNoValue: false,
  count: 4,
  sum: 6,
  scale: 0,
  zeroCount: 1,
  zeroThreshold: 0,
  positive: { offset: 0, length: 2, counts: [2, 1] },
  negative: { offset: 0, length: 0, counts: [] },
};

function map(changes: readonly Partial<OtlpExponentialHistogram>[], temporality: 'delta' | 'cumulative' | null) {
  const points: OtlpPoints = {
    kind: 'exponential histogram',
    points: changes.map((change) => ({ ...POINT, ...change })),
    temporality,
  };
  const metrics = [{ name: 'h', description: 'How long', unit: 's', points }];
  const scopes = [{ name: '', version: '', schemaUrl: '', attributes: [], metrics }];
  const mapped = mapRequest({ resources: [{ attributes: [], scopes }] }, OPTIONS, LIMITS);
  const samples = [...mapped.points()].filter((point): point is MappedPoint => point !== undefined);
  return {
    samples: samples.map((point) => point.samples),
    refused: [...mapped.refused].map(({ count, refusal }) => [count, refusal.message]),
  };
}

/** Returns the value for each `le`. */
const byBound = (samples: MappedPoint['samples']) =>
  new Map(samples.flatMap(({ labels, value }) => (labels?.le === undefined ? [] : [[String(labels.le), value]])));

describe('an exponential histogram', () => {
  it('becomes a classic histogram with the name, unit and labels of one', () => {
    const { samples, refused } = map([{}], 'delta');
    expect(refused).toEqual([]);
    const parts = samples[0]!;
    expect(parts.length).toBe(159 + 2);
    const bounds = byBound(parts);
    expect(['0', '1', String(Math.SQRT2), '2', '4', '+Inf'].map((bound) => bounds.get(bound))).toEqual([
      1, 1, 1, 3, 4, 4,
    ]);
    const part = { type: 'counter', temporality: 'delta', timestamp: 1_000, histogram: { name: 'h_seconds' } };
    expect(parts.at(-2)).toMatchObject({ ...part, name: 'h_seconds_sum', value: 6, labels: { a: 'b' } });
    expect(parts.at(-1)).toMatchObject({ ...part, name: 'h_seconds_count', value: 4 });
  });

  it('leaves out the bounds inside of its buckets if it has running totals', () => {
    const bounds = byBound(map([{}], 'cumulative').samples[0]!);
    expect(['0', '1', String(Math.SQRT2), '2', '4', '+Inf'].map((bound) => bounds.get(bound))).toEqual([
      1,
      1,
      undefined,
      3,
      4,
      4,
    ]);
  });

  it('has no sum if the client does not know it', () => {
    const names = map([{ sum: null }], 'delta').samples[0]!.map(({ name }) => name);
    expect(names).not.toContain('h_seconds_sum');
  });

  it('ends all its series after a point without a recorded value', () => {
    const { samples } = map([{ hasNoValue: true }], null);
    expect(samples[0]!.length).toBe(159 + 2);
    expect(samples[0]!.every(({ isStale }) => isStale)).toBe(true);
  });

  it('is refused with the reason, and does not affect other points', () => {
    const tooMany = { offset: 0, length: 1_000_000, counts: [] };
    const { samples, refused } = map([{ positive: tooMany }, {}, { count: 5 }, { scale: 99 }, { sum: NaN }], 'delta');
    expect(samples.length).toBe(1);
    expect(refused).toEqual([
      [1, 'h_seconds has 1000000 positive buckets, the limit is 10000. Use a lower scale.'],
      [1, 'h_seconds has a count of 5, but 4 in its buckets; send zeroCount and all buckets.'],
      [1, 'h_seconds has the scale 99; it must be from -10 to 20.'],
      [1, expect.stringContaining('the sum NaN')],
    ]);
    expect(map([{}], null).refused).toEqual([[1, expect.stringContaining('aggregationTemporality')]]);
  });
});
