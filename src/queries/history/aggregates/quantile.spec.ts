import fc from 'fast-check';
import { Turns } from '../../../scheduling/turns.js';
import { quantile } from './quantile.js';

const turns = new Turns();

describe('quantile', () => {
  it.each([
    [[1], 0.99, 1],
    [[1, 2], 0.5, 1.5],
    [[4, 1, 3, 2], 0.5, 2.5],
    [[10, 50, 30, 40, 20], 0.9, 46],
    [[1, 2, 3], 1, 3],
    [[-Number.MAX_VALUE, Number.MAX_VALUE], 0.5, 0],
  ])('of %j at %d is %d', async (values, share, expected) => {
    expect(await quantile([...values], share, turns)).toBeCloseTo(expected, 10);
  });

  it('rises with the share and stays between the extremes', async () => {
    const finite = fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e9, max: 1e9 });
    await fc.assert(
      fc.asyncProperty(fc.array(finite, { minLength: 1 }), async (values) => {
        const sorted = Float64Array.from(values).toSorted();
        const shares: number[] = [];
        for (const share of [0, 0.5, 0.9, 0.99, 1]) shares.push(await quantile([...values], share, turns));
        expect([shares.at(0), shares.at(-1)]).toEqual([sorted.at(0), sorted.at(-1)]);
        for (const [index, value] of shares.entries()) {
          expect(value).toBeGreaterThanOrEqual((shares[index - 1] ?? -Infinity) - 1e-6);
        }
      }),
    );
  });

  it.each([
    ['all equal', () => 7],
    ['ascending', (index: number) => index],
    ['descending', (index: number) => -index],
    ['a few values', (index: number) => index % 3],
    ['shuffled', (index: number) => (index * 7_919) % 60_013],
  ])('of many values is the same as with sorting: %s', async (_name, valueOf) => {
    const values = Array.from({ length: 60_001 }, (_, index) => valueOf(index));
    const sorted = Float64Array.from(values).toSorted();
    for (const share of [0, 0.25, 0.5, 0.99, 1]) {
      expect(await quantile([...values], share, turns)).toBe(sorted[share * 60_000]);
    }
    expect(await quantile([...values], 0.500_004, turns)).toBeGreaterThanOrEqual(sorted[30_000]!);
    expect(await quantile([...values], 0.500_004, turns)).toBeLessThanOrEqual(sorted[30_001]!);
  });
});
