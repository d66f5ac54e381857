import fc from 'fast-check';
import { CollectedSamples, SharedArrays } from './collected-samples.js';

/** A piece of one of several series. Its length may be more than what one series may have of the shared arrays. */
const piece = fc.record({
  series: fc.nat(3),
  from: fc.integer({ min: -50, max: 1_000 }),
  length: fc.oneof(fc.nat(5), fc.nat(1_200)),
  /** The number of samples that the series is expected to have, which may be wrong. */
  expected: fc.oneof(fc.nat(300), fc.nat(2_000), fc.constant(2_000_000)),
});

describe('CollectedSamples', () => {
  it('keeps the samples of each series, and a free place before them, apart from those of others', () => {
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 60 }), (pieces) => {
        const shared = new SharedArrays();
        const collected = Array.from({ length: 4 }, () => new CollectedSamples(shared));
        const expected: { at: number; value: number }[][] = [[], [], [], []];
        for (const [order, { series, from, length, expected: expectedCount }] of pieces.entries()) {
          const timestamps = Float64Array.from({ length }, (_, index) => from + index);
          const values = Float64Array.from({ length }, (_, index) => 1_000 * order + index);
          collected[series]!.reserve(length, expectedCount);
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

  it('has room for the expected samples at once, unless too many places for expected samples are unused', () => {
    const shared = new SharedArrays();
    const withFirstOf = (expected: number) => {
      const collected = new CollectedSamples(shared);
      collected.reserve(1, expected);
      collected.take(0, 1);
      return collected;
    };
    const ten = Array.from({ length: 10 }, () => withFirstOf(100_000));
    expect(ten.map(({ values }) => values.length)).toEqual(Array<number>(10).fill(100_001));
    expect(withFirstOf(100_000).values.length).toBeLessThan(10);
    ten[0]!.take(1, 99_999);
    expect(withFirstOf(100_000).values).toHaveLength(100_001);
  });

  it('shares arrays between series of an hour with a sample every 15 s and the five minutes before it', () => {
    const shared = new SharedArrays();
    const arrays = Array.from({ length: 20 }, () => {
      const collected = new CollectedSamples(shared);
      collected.reserve(240, 260);
      return collected.values;
    });
    expect(new Set(arrays).size).toBeLessThan(5);
  });

  it('puts pieces that are apart into the order of their times', () => {
    const collected = new CollectedSamples(new SharedArrays());
    for (const [order, from] of [300, 100, 200].entries()) {
      const column = Float64Array.from({ length: 100 }, (_, index) => from + index);
      collected.add(order, column, column, 0, 100);
    }
    const inOrder = Array.from({ length: 300 }, (_, index) => 100 + index);
    const { timestamps, values } = collected.join();
    expect([...timestamps]).toEqual(inOrder);
    expect([...values]).toEqual(inOrder);
  });
});
