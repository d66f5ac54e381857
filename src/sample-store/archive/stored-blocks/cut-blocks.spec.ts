import { SeededRandom } from '../../../../test/support/seeded-random.js';
import { BlockDecoder } from '../block/block-decoder.js';
import { emptySamples, groupBySeries } from '../grouped-samples.js';
import { cutIntoBlocks } from './cut-blocks.js';

const PERIOD = 10_000;

describe('cutIntoBlocks', () => {
  it('puts every sample into one block of its bucket and period, in the order of arrival', () => {
    for (let seed = 0; seed < 15; seed++) {
      const random = new SeededRandom(seed);
      const count = random.pick([1, 10, 400]);
      const loose = emptySamples(count);
      const start = random.pick([0, 1_764_000_000_000]);
      for (let index = 0; index < count; index++) {
        loose.seriesIds[index] = random.pick([1, 2, 63, 64, 65, 127, 1_000]);
        loose.timestamps[index] = start + random.integer(0, 5) * random.pick([1, 5_000, 10_000]);
        loose.values[index] = index;
      }
      const samples = groupBySeries(loose);
      const decoder = new BlockDecoder();
      const found = new Map<number, number[][]>();
      let sampleCount = 0;
      for (const block of cutIntoBlocks(samples, (place) => samples.seriesIds[place]! % 2 === 0, PERIOD, 7)) {
        expect(Math.floor(block.startAt / PERIOD)).toBe(Math.floor(block.endAt / PERIOD));
        decoder.open({ ...block, id: 1, packed: [{ from: 0, bytes: block.packed }] });
        sampleCount += block.sampleCount;
        for (let member = 0; member < 64; member++) {
          const length = decoder.sampleCount(member);
          if (length === 0) continue;
          expect(length).toBeLessThanOrEqual(7);
          const [times, values] = [new Float64Array(length), new Float64Array(length)];
          decoder.decode(member, -Infinity, Infinity, times, values, 0);
          const id = block.bucket * 64 + member;
          const all = found.get(id) ?? [[], []];
          all[0]!.push(...times);
          all[1]!.push(...values);
          found.set(id, all);
        }
      }
      expect(sampleCount).toBe(count);
      for (const [place, id] of samples.seriesIds.entries()) {
        const [from, to] = [samples.starts[place], samples.starts[place + 1]];
        // The blocks of a series follow each other in time, so its samples come out in the order in which they went in.
        expect(found.get(id)).toEqual([
          Array.from(samples.timestamps.slice(from, to)),
          Array.from(samples.values.slice(from, to)),
        ]);
      }
    }
  });
});
