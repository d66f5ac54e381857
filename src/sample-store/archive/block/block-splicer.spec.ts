import { randomSamples, wholeBlockOf } from '../../../../test/support/random-blocks.js';
import { SeededRandom } from '../../../../test/support/seeded-random.js';
import { BlockDecoder } from './block-decoder.js';
import { spliceBlock } from './block-splicer.js';
import { type MemberSet, membersOf } from './member-set.js';

const RUNS = Number(process.env.BLOCK_FUZZ_RUNS ?? 20);
const NONE = new Float64Array(0);

function setOf(members: readonly number[]): MemberSet {
  const set = members.reduce((sum, member) => sum | (1n << BigInt(member)), 0n);
  return { high: Number(set >> 32n), low: Number(set & 0xffff_ffffn) };
}

describe('spliceBlock', () => {
  it('keeps every bit of the members that stay, and nothing of the others', () => {
    for (let run = 0; run < RUNS; run++) {
      const random = new SeededRandom(run);
      const samples = randomSamples(random, 100).filter(({ times }) => times.length > 0);
      if (samples.length === 0) continue;
      const block = wholeBlockOf(samples);
      const removed = random.some(samples.map(({ member }) => member));
      const kept = samples.filter(({ member }) => !removed.includes(member));
      const spliced = spliceBlock(block, setOf(removed));
      if (kept.length === 0) {
        expect(spliced).toBeNull();
        continue;
      }
      expect(membersOf(spliced!.members)).toEqual(kept.map(({ member }) => member));
      expect(spliced!.sampleCount).toBe(kept.reduce((sum, { times }) => sum + times.length, 0));
      const alone = wholeBlockOf(kept);
      expect(spliced!.falls).toEqual(alone.falls);
      expect(spliced!.deltaSums?.filter((sum) => !Number.isNaN(sum)) ?? NONE).toEqual(
        alone.deltaSums.filter((sum) => !Number.isNaN(sum)),
      );
      expect(spliced!.packed.length).toBeLessThanOrEqual(block.packed[0]!.bytes.length);
      const decoder = new BlockDecoder();
      decoder.open({ ...block, ...spliced!, packed: [{ from: 0, bytes: spliced!.packed }] });
      expect(decoder.packedLength).toBe(spliced!.packed.length);
      for (const { member, times, values } of kept) {
        const found = { times: new Float64Array(times.length), values: new Float64Array(times.length) };
        expect(decoder.decode(member, -Infinity, Infinity, found.times, found.values, 0)).toBe(times.length);
        expect(found.times).toEqual(times);
        expect(Buffer.from(found.values.buffer).equals(Buffer.from(values.buffer, 0, 8 * values.length))).toBe(true);
      }
    }
  });
});
