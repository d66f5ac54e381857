import { smallest } from './smallest.js';

describe('smallest', () => {
  it('is what sorting and cutting would give', () => {
    const items = Array.from({ length: 5_000 }, (_, index) => (index * 7_919) % 5_003);
    expect(smallest(items, 10, (a, b) => a - b)).toEqual(items.toSorted((a, b) => a - b).slice(0, 10));
  });
});
