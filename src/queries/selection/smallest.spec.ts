import { smallest } from './smallest.js';

describe('smallest', () => {
  it('gives the same as sorting and slicing', async () => {
    const items = Array.from({ length: 5_000 }, (_, index) => (index * 7_919) % 5_003);
    expect(await smallest(items, 10, (a, b) => a - b)).toEqual(items.toSorted((a, b) => a - b).slice(0, 10));
  });
});
