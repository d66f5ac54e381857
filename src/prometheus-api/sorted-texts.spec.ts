import fc from 'fast-check';
import { sortedTexts } from './sorted-texts.js';

describe('sortedTexts', () => {
  it.each([0, 1, 4_096, 4_097, 20_000])('sorts %d texts', async (count) => {
    const texts = fc.sample(fc.string({ maxLength: 4 }), { seed: count + 1, numRuns: count });
    expect(await sortedTexts(texts)).toEqual(texts.toSorted());
  });
});
