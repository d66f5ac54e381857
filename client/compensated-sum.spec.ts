import fc from 'fast-check';
import { CompensatedSum } from './compensated-sum.js';

describe('CompensatedSum', () => {
  test('preserves what a plain sum loses', () => {
    const sum = new CompensatedSum();
    sum.add(2 ** 53);
    for (let n = 0; n < 1_000; n++) sum.add(1);
    expect(sum.value).toBe(2 ** 53 + 1_000);
  });

  test('is the exact sum of decimals in any order, rounded once', () => {
    const cents = fc.array(fc.integer({ min: 0, max: 10_000_000 }), { maxLength: 200 });
    fc.assert(
      fc.property(cents, (values) => {
        const sum = new CompensatedSum();
        for (const value of values) sum.add(value / 100);
        const exact = values.reduce((total, value) => total + value, 0) / 100;
        expect(Math.abs(sum.value - exact)).toBeLessThanOrEqual(exact * 2 ** -50);
      }),
    );
  });

  test('refuses a value that would make it infinite, and stays unchanged', () => {
    const sum = new CompensatedSum();
    expect(sum.add(Number.MAX_VALUE)).toBe(true);
    expect(sum.add(Number.MAX_VALUE)).toBe(false);
    expect(sum.value).toBe(Number.MAX_VALUE);
  });
});
