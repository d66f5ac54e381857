import fc from 'fast-check';
import { quantile } from './quantile.js';

describe('quantile', () => {
  it.each([
    [[1], 0.99, 1],
    [[1, 2], 0.5, 1.5],
    [[1, 2, 3, 4], 0.5, 2.5],
    [[10, 20, 30, 40, 50], 0.9, 46],
    [[1, 2, 3], 1, 3],
    [[-Number.MAX_VALUE, Number.MAX_VALUE], 0.5, 0],
  ])('of %j at %d is %d', (values, share, expected) => {
    expect(quantile(Float64Array.from(values), share)).toBeCloseTo(expected, 10);
  });

  it('grows with the share and stays between the extremes', () => {
    const finite = fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e9, max: 1e9 });
    fc.assert(
      fc.property(fc.array(finite, { minLength: 1 }), (values) => {
        const sorted = Float64Array.from(values).toSorted();
        const shares = [0, 0.5, 0.9, 0.99, 1].map((share) => quantile(sorted, share));
        expect([shares.at(0), shares.at(-1)]).toEqual([sorted.at(0), sorted.at(-1)]);
        for (const [index, value] of shares.entries()) {
          expect(value).toBeGreaterThanOrEqual((shares[index - 1] ?? -Infinity) - 1e-6);
        }
      }),
    );
  });
});
