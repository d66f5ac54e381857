import fc from 'fast-check';
import { cutIntoChunks, MAX_CHUNK_SAMPLES } from './chunk-columns.js';
import { groupBySeries } from '../grouped-samples.js';

const PERIOD = 10;

describe('cutIntoChunks', () => {
  it('keeps every sample, in chunks of one series and one period each', () => {
    const samples = fc.array(
      fc.record({ id: fc.integer({ min: 1, max: 3 }), at: fc.integer({ min: -20, max: 40 }), value: fc.nat(9) }),
      { maxLength: 60 },
    );
    fc.assert(
      fc.property(samples, (list) => {
        const grouped = groupBySeries({
          seriesIds: Int32Array.from(list, ({ id }) => id),
          timestamps: Float64Array.from(list, ({ at }) => at),
          values: Float64Array.from(list, ({ value }) => value),
          sources: new Uint32Array(list.length),
        });
        const chunks = cutIntoChunks(grouped, (place) => grouped.seriesIds[place] !== 2, PERIOD);
        let first = 0;
        const seen: string[] = [];
        for (const [index, id] of chunks.seriesIds.entries()) {
          const end = first + chunks.sampleCounts[index]!;
          const start = chunks.startsAt[index]!;
          const times = [...chunks.offsetsMs.subarray(first, end)].map((offset) => start + offset);
          const values = [...chunks.values.subarray(first, end)];
          expect(times[0]).toBe(start);
          expect(times.at(-1)).toBe(chunks.endsAt[index]);
          expect(new Set(times.map((at) => Math.floor(at / PERIOD))).size).toBe(1);
          expect(chunks.deltaSums[index]).toBe(id === 2 ? NaN : values.reduce((a, b) => a + b, 0));
          seen.push(...times.map((at, offset) => `${id} ${at} ${values[offset]}`));
          first = end;
        }
        expect(seen.toSorted()).toEqual(list.map(({ id, at, value }) => `${id} ${at} ${value}`).toSorted());
      }),
    );
  });

  it('does not let a chunk grow past its limit', () => {
    const count = 2 * MAX_CHUNK_SAMPLES + 1;
    const grouped = groupBySeries({
      seriesIds: new Int32Array(count).fill(1),
      timestamps: new Float64Array(count),
      values: new Float64Array(count),
      sources: new Uint32Array(count),
    });
    const { sampleCounts } = cutIntoChunks(grouped, () => true, PERIOD);
    expect([...sampleCounts]).toEqual([MAX_CHUNK_SAMPLES, MAX_CHUNK_SAMPLES, 1]);
  });
});
