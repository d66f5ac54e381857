import fc from 'fast-check';

import { bucketFraction, bucketQuantile, type Bucket } from './classic-histogram.js';

const BUCKETS: readonly Bucket[] = [
  { upperBound: Infinity, count: 100 },
  { upperBound: 1, count: 20 },
  { upperBound: 2, count: 60 },
  { upperBound: 5, count: 90 },
];

function quantileOf(q: number, buckets: readonly Bucket[] = BUCKETS): number {
  return bucketQuantile(q, buckets).value;
}

describe('the quantile of a classic histogram', () => {
  it('is interpolated in its bucket', () => {
    expect(quantileOf(0.1)).toBe(0.5);
    expect(quantileOf(0.4)).toBe(1.5);
    expect(quantileOf(0.75)).toBe(3.5);
    expect(quantileOf(0)).toBe(0);
  });

  it('is the highest finite bound above it', () => {
    expect(quantileOf(0.95)).toBe(5);
    expect(quantileOf(1)).toBe(5);
  });

  it('is infinite outside 0 to 1, and NaN for NaN', () => {
    expect([quantileOf(-0.1), quantileOf(1.1), quantileOf(NaN)]).toEqual([-Infinity, Infinity, NaN]);
  });

  it('is NaN without an infinite bucket, a finite one or an observation', () => {
    expect(quantileOf(0.5, [{ upperBound: 1, count: 3 }])).toBeNaN();
    expect(quantileOf(0.5, [{ upperBound: Infinity, count: 3 }])).toBeNaN();
    expect(
      quantileOf(0.5, [
        { upperBound: 1, count: 0 },
        { upperBound: Infinity, count: 0 },
      ]),
    ).toBeNaN();
  });

  it('does not begin at 0 where the first bound is negative', () => {
    const negative = [
      { upperBound: -2, count: 10 },
      { upperBound: 0, count: 20 },
      { upperBound: Infinity, count: 20 },
    ];
    expect(quantileOf(0.25, negative)).toBe(-2);
    expect(quantileOf(0.75, negative)).toBe(-1);
  });

  it('adds up buckets of the same bound', () => {
    expect(quantileOf(0.5, [...BUCKETS, { upperBound: 1, count: 20 }])).toBe(
      quantileOf(0.5, BUCKETS.with(1, { upperBound: 1, count: 40 })),
    );
  });

  it('raises buckets that count less than the one below, and reports which', () => {
    const broken = BUCKETS.with(2, { upperBound: 2, count: 15 });
    expect(bucketQuantile(0.5, broken).lifted).toEqual({ lowestBound: 2, highestBound: 2, largestDifference: 5 });
    expect(bucketQuantile(0.5, BUCKETS).lifted).toBeNull();
  });

  it('ignores a difference by rounding', () => {
    expect(bucketQuantile(0.5, BUCKETS.with(2, { upperBound: 2, count: 20 - 1e-13 })).lifted).toBeNull();
  });

  it('does not change its input', () => {
    const broken = Object.freeze(BUCKETS.with(2, { upperBound: 2, count: 15 }).map((bucket) => Object.freeze(bucket)));
    expect(() => bucketQuantile(0.5, broken)).not.toThrow();
  });
});

describe('the fraction of a classic histogram', () => {
  it('is interpolated at both ends', () => {
    expect(bucketFraction(0, 1, BUCKETS)).toBeCloseTo(0.2, 12);
    expect(bucketFraction(0.5, 1.5, BUCKETS)).toBeCloseTo(0.3, 12);
    expect(bucketFraction(-Infinity, Infinity, BUCKETS)).toBe(1);
    expect(bucketFraction(5, 10, BUCKETS)).toBe(0);
  });

  it('is 0 for an empty interval and NaN where it is undefined', () => {
    expect(bucketFraction(2, 2, BUCKETS)).toBe(0);
    expect(bucketFraction(NaN, 2, BUCKETS)).toBeNaN();
    expect(bucketFraction(1, 2, [{ upperBound: 1, count: 3 }])).toBeNaN();
  });

  it('is the inverse of the quantile', () => {
    fc.assert(
      fc.property(fc.double({ min: 0.01, max: 0.89, noNaN: true }), (q) => {
        expect(bucketFraction(-Infinity, quantileOf(q), BUCKETS)).toBeCloseTo(q, 9);
      }),
    );
  });
});
