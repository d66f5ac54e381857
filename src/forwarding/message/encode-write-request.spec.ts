import fc from 'fast-check';
import { decodeMessage } from '../../../test/support/written-message.js';
import { encodeLabels, encodeMetadata, encodeWriteRequest } from './encode-write-request.js';

const text = fc.string({ unit: 'binary', minLength: 1, maxLength: 40 }).filter((each) => each.isWellFormed());
const labels = fc.dictionary(text, text, { minKeys: 1, maxKeys: 6, noNullPrototype: true });
const timestamp = fc.oneof(fc.integer({ min: 0, max: 4_102_444_800_000 }), fc.integer({ min: -1_000_000, max: 300 }));
const series = fc.record({
  labels,
  samples: fc.array(fc.tuple(timestamp, fc.double({ noNaN: true })), { minLength: 1, maxLength: 5 }),
});

describe('a request of remote write', () => {
  it('is what a receiver decodes', () => {
    fc.assert(
      fc.property(fc.array(series, { minLength: 1, maxLength: 5 }), (all) => {
        const message = encodeWriteRequest(
          all.map(({ labels: each, samples }) => ({
            labels: encodeLabels(each),
            timestamps: Float64Array.from([0, ...samples.map(([at]) => at), 0]),
            values: Float64Array.from([0, ...samples.map(([, value]) => value), 0]),
            start: 1,
            end: samples.length + 1,
          })),
        );
        const found = decodeMessage(message).series.map(({ labels: pairs, samples }) => ({
          labels: Object.fromEntries(pairs.flatMap((name, at) => (at % 2 === 0 ? [[name, pairs[at + 1]!]] : []))),
          samples,
        }));
        expect(found).toEqual(all);
      }),
    );
  });

  it("has Prometheus' stale marker for NaN", () => {
    const series = { labels: encodeLabels({ __name__: 'a' }), start: 0, end: 1 };
    const message = encodeWriteRequest([{ ...series, timestamps: Float64Array.of(1), values: Float64Array.of(NaN) }]);
    expect(Buffer.from(message).toString('hex')).toContain('09020000000000f07f');
  });

  it('has labels in the order of their bytes, without empty ones', () => {
    const { series } = decodeMessage(
      encodeWriteRequest([
        {
          labels: encodeLabels({ b: '1', '\u{1F600}': '2', '\uFFFC': '3', A: '4', __name__: 'm', a: '' }),
          timestamps: Float64Array.of(1),
          values: Float64Array.of(1),
          start: 0,
          end: 1,
        },
      ]),
    );
    expect(series[0]!.labels.filter((_, index) => index % 2 === 0)).toEqual([
      'A',
      '__name__',
      'b',
      '\uFFFC',
      '\u{1F600}',
    ]);
  });

  it('describes metrics', () => {
    const message = encodeMetadata([
      { name: 'orders_total', type: 'counter', help: 'Orders', unit: null },
      { name: 'took_seconds', type: 'histogram', help: null, unit: 'seconds' },
      { name: 'stock', type: 'gauge', help: null, unit: null },
    ]);
    expect([...decodeMessage(message).described]).toEqual([
      ['orders_total', { type: 1, help: 'Orders', unit: '' }],
      ['took_seconds', { type: 3, help: '', unit: 'seconds' }],
      ['stock', { type: 2, help: '', unit: '' }],
    ]);
  });
});
