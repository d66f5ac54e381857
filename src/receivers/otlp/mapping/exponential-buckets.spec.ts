import fc from 'fast-check';
import { bucketQuantile } from '../../../promql/evaluation/functions/classic-histogram.js';
import type { OtlpBuckets, OtlpExponentialHistogram } from '../encoding/otlp-request.js';
import { classicBucketsOf, faultOf, MAX_EXPONENTIAL_BUCKETS } from './exponential-buckets.js';
import { layoutOf } from './exponential-layout.js';

const NONE: OtlpBuckets = { offset: 0, length: 0, counts: [] };
const EMPTY: OtlpExponentialHistogram = {
  attributes: [],
  timestamp: 1_000,
  startedAt: null,
  hasNoValue: false,
  count: 0,
  sum: null,
  scale: 20,
  zeroCount: 0,
  zeroThreshold: 0,
  positive: NONE,
  negative: NONE,
};

/** Returns the index of the bucket of a value: the largest index whose bound `2 ** (index / 2 ** scale)` is below the value. */
function indexOf(value: number, scale: number): number {
  const bound = (index: number) => 2 ** (index * 2 ** -scale);
  let index = Math.floor(Math.log2(value) * 2 ** scale);
  while (bound(index) >= value) index--;
  while (bound(index + 1) < value) index++;
  return index;
}

function bucketsOf(values: readonly number[], scale: number): OtlpBuckets {
  const indexes = values.map((value) => indexOf(value, scale));
  if (indexes.length === 0) return NONE;
  const offset = Math.min(...indexes);
  const counts = Array.from({ length: Math.max(...indexes) - offset + 1 }, () => 0);
  for (const index of indexes) counts[index - offset]!++;
  return { offset, length: counts.length, counts };
}

/** Builds the histogram of some observations, as an SDK does at this scale. */
function histogramOf(values: readonly number[], scale: number): OtlpExponentialHistogram {
  const zeroCount = values.filter((value) => value === 0).length;
  const positive = bucketsOf(
    values.filter((value) => value > 0),
    scale,
  );
  const negative = bucketsOf(
    values.filter((value) => value < 0).map((value) => -value),
    scale,
  );
  return { ...EMPTY, scale, count: values.length, zeroCount, positive, negative };
}

/** Returns a map from the bounds of buckets to their counts. */
const byBound = (buckets: readonly { bound: number; count: number }[]) =>
  new Map(buckets.map(({ bound, count }) => [bound, count]));

/** Checks the quantiles of classic buckets, as PromQL computes them, against the observations. */
function expectQuantiles(buckets: ReadonlyMap<number, number>, values: readonly number[], scale: number): void {
  const given = [...buckets, [Infinity, values.length] as const].map(([upperBound, count]) => ({ upperBound, count }));
  const sorted = values.toSorted((a, b) => a - b);
  for (const q of [0.01, 0.5, 0.95, 0.99, 1]) {
    const exact = sorted[Math.max(Math.ceil(q * values.length), 1) - 1]!;
    const { value } = bucketQuantile(
      q,
      given.map((bucket) => ({ ...bucket })),
    );
    const error = exact === 0 ? value : Math.abs(value - exact) / exact;
    expect(error).toBeLessThanOrEqual(2 ** (2 ** -scale) - 1 + 1e-9);
  }
}

/** Generates observations that are zero, or between the lowest and the highest bound of the layout for seconds. */
const observation = fc.oneof(
  { weight: 9, arbitrary: fc.double({ min: -19.9, max: 18.9, noNaN: true }).map((exponent) => 2 ** exponent) },
  { weight: 1, arbitrary: fc.constant(0) },
);
const observations = fc.array(observation, { minLength: 1, maxLength: 60 });
const anyScale = fc.integer({ min: -10, max: 20 });
/** Scales at which a histogram has so few buckets that building their list is quick. */
const quickScale = fc.integer({ min: -4, max: 6 });
const layoutScale = fc.integer({ min: 0, max: 2 });

/** Exports of one series, whose scale falls from one to the next. */
const exports = fc.array(fc.tuple(observations, quickScale), { minLength: 1, maxLength: 5 }).map((all) => {
  const scales = all.map(([, scale]) => scale).toSorted((a, b) => b - a);
  return all.map(([values], index) => ({ values, scale: scales[index]! }));
});

describe('an exponential histogram as classic buckets', () => {
  it('has at most 160 buckets in ascending order, whose counts never fall from bound to bound', () => {
    const any = fc.double({ min: -1e30, max: 1e30, noNaN: true });
    fc.assert(
      fc.property(
        fc.array(any, { maxLength: 40 }),
        fc.integer({ min: -10, max: 3 }),
        layoutScale,
        (values, scale, to) => {
          const point = histogramOf(values, scale);
          expect(faultOf(point)).toBeUndefined();
          const buckets = classicBucketsOf(point, layoutOf('s', to), false);
          expect(buckets.length + 1).toBeLessThanOrEqual(160);
          const wrong = buckets.find(({ bound, count }, index) => {
            const lower = buckets[index - 1] ?? { bound: -1, count: 0 };
            return !(
              bound > lower.bound &&
              count >= lower.count &&
              count <= values.filter((value) => value <= bound).length
            );
          });
          expect(wrong).toBeUndefined();
        },
      ),
    );
  });

  it('counts exactly at every bound if its scale is at least that of the bounds', () => {
    fc.assert(
      fc.property(observations, layoutScale, fc.nat(4), fc.boolean(), (values, to, finer, isCumulative) => {
        const layout = layoutOf('s', to);
        const buckets = classicBucketsOf(histogramOf(values, to + finer), layout, isCumulative);
        expect(buckets).toEqual(
          layout.bounds.map((bound) => ({ bound, count: values.filter((value) => value <= bound).length })),
        );
      }),
    );
  });

  it('has quantiles within the documented error, with delta temporality and a falling scale', () => {
    fc.assert(
      fc.property(exports, layoutScale, (pushes, to) => {
        const layout = layoutOf('s', to);
        const totals = new Map(layout.bounds.map((bound) => [bound, 0]));
        for (const { values, scale } of pushes) {
          const sent = byBound(classicBucketsOf(histogramOf(values, scale), layout, false));
          expect([...sent.keys()]).toEqual([...totals.keys()]);
          for (const [bound, count] of sent) totals.set(bound, totals.get(bound)! + count);
        }
        const all = pushes.flatMap(({ values }) => values);
        expectQuantiles(totals, all, Math.min(to, pushes.at(-1)!.scale));
      }),
    );
  });

  it('has quantiles within the documented error, with cumulative temporality and a falling scale', () => {
    fc.assert(
      fc.property(exports, layoutScale, (pushes, to) => {
        const layout = layoutOf('s', to);
        const all: number[] = [];
        const totals = new Map<number, number>();
        let first: ReadonlyMap<number, number> | undefined;
        for (const { values, scale } of pushes) {
          all.push(...values);
          const sent = classicBucketsOf(histogramOf(all, scale), layout, true);
          // A falling total would look like a restart of the client.
          expect(sent.find(({ bound, count }) => count < (totals.get(bound) ?? 0))).toBeUndefined();
          for (const { bound, count } of sent) totals.set(bound, count);
          first ??= new Map(totals);
        }
        const { scale } = pushes.at(-1)!;
        expectQuantiles(totals, all, Math.min(to, scale));
        const later = all.slice(pushes[0]!.values.length);
        if (later.length === 0) return;
        const increases = new Map([...totals].map(([bound, total]) => [bound, total - (first!.get(bound) ?? total)]));
        expectQuantiles(increases, later, Math.min(to, scale));
      }),
    );
  });

  it('counts values outside of the bounds at the lowest bound and at +Inf, and those below zero at 0', () => {
    const layout = layoutOf('s', 2);
    const counts = byBound(classicBucketsOf(histogramOf([-5, 1e-300, 1, 1e300], 0), layout, true));
    expect([0, 2 ** -20, 1, 2 ** 19].map((bound) => counts.get(bound))).toEqual([1, 2, 3, 3]);
  });

  it('counts the zero bucket at the first bound that is not below its threshold', () => {
    const point = { ...EMPTY, count: 3, zeroCount: 3, zeroThreshold: 1.1 };
    const counts = (isCumulative: boolean) => byBound(classicBucketsOf(point, layoutOf('s', 0), isCumulative));
    expect([0, 1, 2, 4].map((bound) => counts(false).get(bound))).toEqual([0, 0, 3, 3]);
    expect([0, 1, 2, 4].map((bound) => counts(true).get(bound))).toEqual([undefined, undefined, 3, 3]);
  });

  it('has bounds that fit the unit', () => {
    expect(layoutOf('ms', 2).bounds.slice(1, 3)).toEqual([2 ** -10, 2 ** -10 * 2 ** 0.25]);
    expect(layoutOf('By', 2).bounds.at(-1)).toBe(2 ** 39);
  });

  it('reads any offset, scale and count without a NaN', () => {
    const count = fc.oneof(fc.nat(5), fc.constantFrom(2 ** 53, 2 ** 64 - 1));
    const side = fc
      .tuple(fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }), fc.array(count, { maxLength: 5 }))
      .map(([offset, counts]) => ({ offset, length: counts.length, counts }));
    fc.assert(
      fc.property(side, side, anyScale, count, fc.boolean(), (positive, negative, scale, zeroCount, isCumulative) => {
        const all = [...negative.counts, zeroCount, ...positive.counts];
        const total = all.reduce((sum, each) => sum + each, 0);
        const point = { ...EMPTY, positive, negative, scale, zeroCount, count: total };
        expect(faultOf(point)).toBeUndefined();
        const buckets = classicBucketsOf(point, layoutOf('', 2), isCumulative);
        expect(buckets.find((bucket) => !(bucket.count >= 0 && bucket.count <= total))).toBeUndefined();
      }),
    );
  });
});

describe('a fault of an exponential histogram', () => {
  it.each<[string, Partial<OtlpExponentialHistogram>]>([
    ['has the scale 21; it must be from -10 to 20.', { scale: 21 }],
    ['has the scale -11;', { scale: -11 }],
    ['has the zeroThreshold NaN', { zeroThreshold: NaN }],
    ['has the zeroThreshold Infinity', { zeroThreshold: Infinity }],
    ['has the zeroThreshold -1', { zeroThreshold: -1 }],
    ['has the zeroCount -1', { zeroCount: -1 }],
    ['has the positive offset 2147483648', { positive: { ...NONE, offset: 2 ** 31 } }],
    ['has -1 in a negative bucket', { negative: { offset: 0, length: 1, counts: [-1] } }],
    [
      `has 1000000 positive buckets, the limit is ${MAX_EXPONENTIAL_BUCKETS}.`,
      { positive: { offset: 0, length: 1_000_000, counts: [] } },
    ],
    ['has a count of 3, but 2 in its buckets', { count: 3, zeroCount: 2 }],
    ['has a count of -1, but 0 in its buckets', { count: -1 }],
  ])('is that it %s', (message, change) => {
    expect(faultOf({ ...EMPTY, ...change })).toContain(message);
  });
});
