import fc from 'fast-check';

import { quantile } from './quantile.js';
import { ValueHeap } from './value-heap.js';

function best(values: readonly number[], limit: number, isLargest: boolean): number[] {
  const heap = new ValueHeap(limit, isLargest);
  for (const [series, value] of values.entries()) {
    heap.offer(value, series);
  }
  return heap.ranked.map(({ value }) => value);
}

describe('the best values', () => {
  it('are the same as with sorting', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 20 })), fc.integer({ min: 1, max: 8 }), (values, limit) => {
        const sorted = values.toSorted((a, b) => a - b);
        expect(best(values, limit, false)).toEqual(sorted.slice(0, limit));
        expect(best(values, limit, true)).toEqual(sorted.toReversed().slice(0, limit));
      }),
    );
  });

  it('include NaN only where there are no better values, and put it last', () => {
    expect(best([NaN, 1, 2], 2, true)).toEqual([2, 1]);
    expect(best([1, NaN, 2], 2, false)).toEqual([1, 2]);
    expect(best([NaN, 1], 5, true)).toEqual([1, NaN]);
  });
});

describe('a quantile', () => {
  it('lies between the nearest ranks', () => {
    expect(quantile(0.5, Float64Array.of(3, 1, 2))).toBe(2);
    expect(quantile(0.25, Float64Array.of(4, 2))).toBe(2.5);
  });

  it('treats NaN as the smallest value', () => {
    expect(quantile(0, Float64Array.of(1, NaN, 2))).toBeNaN();
    expect(quantile(0.5, Float64Array.of(1, NaN, 2))).toBe(1);
    expect(quantile(1, Float64Array.of(1, NaN, 2))).toBe(2);
  });

  it('is infinite outside 0 to 1, and NaN without values', () => {
    expect([quantile(-1, Float64Array.of(1)), quantile(2, Float64Array.of(1))]).toEqual([-Infinity, Infinity]);
    expect(quantile(0.5, new Float64Array(0))).toBeNaN();
  });
});
