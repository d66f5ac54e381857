import fc from 'fast-check';
import type { PortableSeries } from './portable-series.js';
import { packSeries, unpackSeries } from './packed-series.js';

const series: fc.Arbitrary<PortableSeries> = fc
  .record({
    name: fc.string(),
    labelsText: fc.string(),
    kind: fc.constantFrom('gauge' as const, 'delta' as const, 'cumulative' as const),
    isGauge: fc.boolean(),
    isScraped: fc.boolean(),
    samples: fc.array(fc.tuple(fc.nat(), fc.double()), { maxLength: 6 }),
    valueBefore: fc.option(fc.double(), { nil: undefined }),
    atBefore: fc.option(fc.nat(), { nil: undefined }),
    isStaleBefore: fc.boolean(),
  })
  .map(({ samples, ...rest }) => ({
    ...rest,
    timestamps: Float64Array.from(samples, ([at]) => at),
    values: Float64Array.from(samples, ([, value]) => value),
  }));

describe('packSeries', () => {
  it('returns the packed series, also after a transfer to another thread', () => {
    fc.assert(
      fc.property(fc.array(series, { maxLength: 5 }), (given) => {
        const packed = packSeries(given);
        const arrived = structuredClone(packed, { transfer: [packed.samples.buffer] });
        const unpacked = unpackSeries(arrived);
        expect(unpacked).toEqual(given.map((each) => expect.objectContaining(each)));
        for (const { timestamps, values, hasFreePlace } of unpacked) {
          expect(hasFreePlace).toBe(true);
          // The place before each of the arrays belongs to no other array.
          for (const array of [timestamps, values]) new Float64Array(array.buffer, array.byteOffset - 8, 1)[0] = -1;
        }
        expect(unpacked).toEqual(given.map((each) => expect.objectContaining(each)));
      }),
    );
  });
});
