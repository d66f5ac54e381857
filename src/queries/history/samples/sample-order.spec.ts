import fc from 'fast-check';
import type { SeriesSamples } from '../../../sample-store/reading/columns/series-samples.js';
import { ownersInOrder } from './sample-order.js';

const DAY = 86_400_000;

const samplesOf = (timestamps: readonly (readonly number[])[]): SeriesSamples[] =>
  timestamps.map((ofSeries) => {
    const sorted = Float64Array.from(ofSeries).toSorted();
    return { timestamps: sorted, values: new Float64Array(sorted.length) } as Partial<SeriesSamples> as SeriesSamples;
  });

const expectedOf = (samples: readonly SeriesSamples[]): number[] =>
  samples
    .flatMap(({ timestamps }, owner) => Array.from(timestamps, (at) => ({ at, owner })))
    .toSorted((a, b) => a.at - b.at || a.owner - b.owner)
    .map(({ owner }) => owner);

describe('the order of samples', () => {
  it.each([1, 40, 60, 20_000])('is by time and then by series, in windows of %d days', (days) => {
    const from = 1_700_000_000_000;
    const time = fc.oneof(
      fc.integer({ min: 0, max: days * DAY }),
      fc.constantFrom(0, 2 ** 32 - 1, 2 ** 32, 2 ** 33, days * DAY),
    );
    const ofSeries = fc.array(
      time.map((at) => from + Math.min(at, days * DAY)),
      { maxLength: 8 },
    );
    fc.assert(
      fc.property(fc.array(ofSeries, { maxLength: 6 }), (timestamps) => {
        const samples = samplesOf(timestamps);
        expect(Array.from(ownersInOrder(samples))).toEqual(expectedOf(samples));
      }),
    );
  });

  it('is exact for very many series in a window of years, whose product with the time has no exact number', () => {
    const from = Date.UTC(2000, 0);
    const timestamps = Array.from({ length: 250_000 }, (_, series) =>
      series % 50_000 === 7 ? [from, from + 700_000_000_001 - series] : [],
    );
    const samples = samplesOf(timestamps);
    expect(Array.from(ownersInOrder(samples))).toEqual(expectedOf(samples));
  });
});
