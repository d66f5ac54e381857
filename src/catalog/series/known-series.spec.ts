import { idChecksum } from './known-series.js';

it('has sums that are exact for as many series as there are ids', () => {
  let largest = 0;
  for (let id = 1; id <= 1_000_000; id++) largest = Math.max(largest, idChecksum(id));
  expect(largest * 2 ** 31).toBeLessThanOrEqual(Number.MAX_SAFE_INTEGER);
});
