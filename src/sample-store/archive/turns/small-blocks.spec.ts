import { SeededRandom } from '../../../../test/support/seeded-random.js';
import { type BlockSize, smallBlocksOf } from './small-blocks.js';

const block = (bucket: number, id: number, sampleCount: number, endAt = id): BlockSize => ({
  bucket,
  id,
  sampleCount,
  endAt,
});

describe('smallBlocksOf', () => {
  test('chooses small blocks, and larger ones for as many other samples', () => {
    const stored = [block(1, 1, 16_384), block(2, 2, 16_385), block(3, 3, 16_385)];
    const samples = new Map([
      [1, 1],
      [2, 1],
      [3, 16_385],
    ]);
    expect(smallBlocksOf(stored, samples, 1e6).map(({ id }) => id)).toEqual([1, 3]);
  });

  test('leaves out blocks that are older than one that is left out', () => {
    const stored = [block(1, 1, 5), block(1, 2, 20_000), block(1, 3, 5), block(2, 1, 5)];
    const samples = new Map([
      [1, 1],
      [2, 1],
    ]);
    expect(smallBlocksOf(stored, samples, 1e6)).toEqual([block(1, 3, 5), block(2, 1, 5)]);
  });

  test('chooses all or none of the blocks with one id, and no more samples than the limit', () => {
    const random = new SeededRandom(1);
    for (let round = 0; round < 300; round++) {
      const stored = Array.from({ length: random.integer(0, 12) }, (_, index) =>
        block(random.integer(0, 2), random.integer(1, 4), random.pick([1, 100, 20_000, 40_000]), index),
      );
      const samples = new Map([0, 1, 2].map((bucket) => [bucket, random.pick([1, 30_000])]));
      const maxSamples = random.pick([1, 10_000, 100_000, 1e6]);
      const chosen = new Set(smallBlocksOf(stored, samples, maxSamples));
      expect([...chosen].reduce((sum, { sampleCount }) => sum + sampleCount, 0)).toBeLessThanOrEqual(maxSamples);
      for (const each of stored) {
        const limit = Math.max(16_384, samples.get(each.bucket)!);
        if (chosen.has(each)) expect(each.sampleCount).toBeLessThanOrEqual(limit);
        // A block that is not chosen is older than no chosen one.
        for (const other of stored) {
          if (other.bucket === each.bucket && other.id >= each.id && chosen.has(each))
            expect(chosen.has(other)).toBe(true);
        }
      }
    }
  });
});
