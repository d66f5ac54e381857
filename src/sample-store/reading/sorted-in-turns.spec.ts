import fc from 'fast-check';
import { sortedInTurns } from './sorted-in-turns.js';

describe('sortedInTurns', () => {
  it.each([0, 1, 4_096, 4_097, 20_000])('sorts %d texts', async (count) => {
    const texts = fc.sample(fc.string({ maxLength: 4 }), { seed: count + 1, numRuns: count });
    const sorted = texts.toSorted();
    for (const given of [texts, sorted, sorted.toReversed()]) {
      expect(await sortedInTurns(given, (a, b) => (a < b ? -1 : a > b ? 1 : 0))).toEqual(sorted);
    }
  });
});
