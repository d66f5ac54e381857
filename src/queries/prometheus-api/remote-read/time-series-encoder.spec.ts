import fc from 'fast-check';
import protobuf from 'protobufjs';
import { encodeTimeSeries } from './time-series-encoder.js';

const TimeSeries = protobuf
  .parse(
    `syntax = "proto3";
     message Label { string name = 1; string value = 2; }
     message Sample { double value = 1; int64 timestamp = 2; }
     message TimeSeries { repeated Label labels = 1; repeated Sample samples = 2; }`,
  )
  .root.lookupType('TimeSeries');

interface Decoded {
  readonly labels: { readonly name: string; readonly value: string }[];
  readonly samples: { readonly value: number; readonly timestamp: number }[];
}

function decoded(bytes: Uint8Array): Decoded {
  return TimeSeries.toObject(TimeSeries.decode(bytes), { longs: Number, defaults: true }) as Decoded;
}

describe('encodeTimeSeries', () => {
  it('is read back by an independent library', () => {
    const time = fc.oneof(fc.maxSafeInteger(), fc.integer({ min: -200, max: 200 }), fc.constant(2 ** 32));
    fc.assert(
      fc.property(
        fc.dictionary(fc.string({ minLength: 1, unit: 'grapheme' }), fc.string({ unit: 'grapheme' })),
        fc.array(fc.tuple(time, fc.double({ noNaN: true }))),
        (labels, points) => {
          const bytes = encodeTimeSeries(new Map(Object.entries(labels)), {
            timestamps: Float64Array.from(points, ([at]) => at),
            values: Float64Array.from(points, ([, value]) => value),
            stale: null,
          });
          const { labels: readLabels, samples } = decoded(bytes);
          expect(new Map(readLabels.map(({ name, value }) => [name, value]))).toEqual(new Map(Object.entries(labels)));
          expect(readLabels.every(({ name }, index) => index === 0 || readLabels[index - 1]!.name < name)).toBe(true);
          expect(samples).toEqual(points.map(([timestamp, value]) => ({ timestamp, value })));
        },
      ),
    );
  });

  it("writes the exact bits of Prometheus' stale marker, not another NaN", () => {
    const bytes = encodeTimeSeries(new Map(), {
      timestamps: Float64Array.of(1, 2),
      values: Float64Array.of(NaN, NaN),
      stale: Uint8Array.of(1, 0),
    });
    const hex = Buffer.from(bytes).toString('hex');
    expect(hex).toContain('09020000000000f07f');
    expect(hex).toContain('09000000000000f87f');
  });
});
