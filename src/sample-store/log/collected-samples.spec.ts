import fc from 'fast-check';
import { CollectedSamples, SharedArrays } from './collected-samples.js';

/** A piece of one of several series. Its length may be more than what one series may have of the shared arrays. */
const piece = fc.record({
  series: fc.nat(3),
  from: fc.integer({ min: -50, max: 1_000 }),
  length: fc.oneof(fc.nat(5), fc.nat(300)),
});

describe('CollectedSamples', () => {
  it('keeps the samples of each series, and a free place before them, apart from those of others', () => {
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 60 }), (pieces) => {
        const shared = new SharedArrays();
        const collected = Array.from({ length: 4 }, () => new CollectedSamples(shared));
        const expected: { at: number; value: number }[][] = [[], [], [], []];
        for (const [order, { series, from, length }] of pieces.entries()) {
          const timestamps = Float64Array.from({ length }, (_, index) => from + index);
          const values = Float64Array.from({ length }, (_, index) => 1_000 * order + index);
          collected[series]!.add(order, timestamps, values, 0, length);
          timestamps.forEach((at, index) => expected[series]!.push({ at, value: values[index]! }));
        }
        const found = collected.map((each) => each.join());
        for (const { timestamps, values, hasFreePlace } of found) {
          if (hasFreePlace !== true) continue;
          for (const { buffer, byteOffset } of [timestamps, values])
            new Float64Array(buffer, byteOffset - 8, 1)[0] = -1;
        }
        for (const [series, { timestamps, values }] of found.entries()) {
          const inOrder = expected[series]!.toSorted((a, b) => a.at - b.at);
          expect([...timestamps]).toEqual(inOrder.map(({ at }) => at));
          expect([...values]).toEqual(inOrder.map(({ value }) => value));
        }
      }),
    );
  });
});
