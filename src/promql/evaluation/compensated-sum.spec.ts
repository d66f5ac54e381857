import { CompensatedMean, CompensatedSum } from './compensated-sum.js';

function sum(...values: number[]): number {
  const sum = new CompensatedSum();
  for (const value of values) {
    sum.add(value);
  }
  return sum.total;
}

function mean(...values: number[]): number {
  const mean = new CompensatedMean();
  for (const value of values) {
    mean.add(value);
  }
  return mean.mean;
}

describe('a compensated sum', () => {
  it('keeps the part that a plain sum loses', () => {
    expect(1 + 1e100 + 1 - 1e100).toBe(0);
    expect(sum(1, 1e100, 1, -1e100)).toBe(2);
    expect(sum(...Array.from({ length: 10 }, () => 0.1))).toBe(1);
  });

  it('is infinite or NaN if one of its values is', () => {
    expect(sum(1, Infinity)).toBe(Infinity);
    expect(sum(Infinity, -Infinity)).toBeNaN();
    expect(sum(1, NaN)).toBeNaN();
  });
});

describe('a compensated mean', () => {
  it('is the sum divided by the count', () => {
    expect(mean(1, 2, 6)).toBe(3);
    expect(mean(NaN, 1)).toBeNaN();
  });

  it('does not overflow if its values do not', () => {
    expect(mean(1.5e308, 1.5e308, 1.5e308)).toBeCloseTo(1.5e308, -300);
    expect(mean(1e308, 1e308, -1e308, -1e308)).toBeLessThan(1e293);
  });

  it('is infinite if one of its values is', () => {
    expect(mean(1, Infinity, 2)).toBe(Infinity);
    expect(mean(-Infinity, Infinity)).toBeNaN();
  });
});
