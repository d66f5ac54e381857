import fc from 'fast-check';
import { LiveValues } from '../../live-values/live-values.js';
import type { SampleReader } from '../../sample-store/reading/sample-reader.js';
import { TooManySamplesError } from '../../sample-store/reading/read-samples.js';
import { FakeSampleReader, metricOf, NOW, type Pushed, seriesOf } from '../../../test/support/history-fixtures.js';
import { ActiveSeries } from './active-series.js';

const SERIES_COUNT = 5;

function storeOf(pushed: readonly Pushed[], capacity = Infinity) {
  const series = seriesOf(
    metricOf('gauge'),
    Array.from({ length: SERIES_COUNT }, () => 'gauge' as const),
  );
  const liveValues = new LiveValues();
  for (const [index, each] of pushed.entries()) {
    liveValues.apply({
      series: [series[each.series]!],
      values: Float64Array.of(each.value),
      timestamps: Float64Array.of(each.at),
      receivedAt: each.at,
      writerId: 1,
      sequence: index,
    });
  }
  const reader = new FakeSampleReader(series, pushed, capacity);
  return { series, reader, active: new ActiveSeries(reader as unknown as SampleReader, liveValues) };
}

describe('ActiveSeries', () => {
  it('finds exactly the series with samples in the range, however few samples a read may have', async () => {
    const sample = fc.record({
      series: fc.nat(SERIES_COUNT - 1),
      at: fc.oneof(fc.nat(20), fc.nat(50_000_000)).map((ms) => NOW - ms),
      value: fc.constantFrom(1, NaN),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(sample, { maxLength: 40 }),
        fc.tuple(fc.nat(60_000_000), fc.nat(60_000_000)),
        fc.integer({ min: 1, max: 6 }),
        async (pushed, [a, b], capacity) => {
          const range = { from: NOW + 1_000 - Math.max(a, b), to: NOW + 1_000 - Math.min(a, b) };
          const { series, active } = storeOf(pushed, capacity);
          const found = await active.find(series, range, { maxSamples: 1_000_000 });
          const expected = series.filter((_, index) =>
            pushed.some((each) => each.series === index && each.at >= range.from && each.at < range.to),
          );
          expect(series.filter((each) => found.has(each))).toEqual(expected);
        },
      ),
      { numRuns: 200 },
    );
  });

  it('reads nothing for a range that ends now', async () => {
    const { series, reader, active } = storeOf([
      { series: 0, at: NOW - 10, value: 1 },
      { series: 1, at: NOW - 5_000, value: 1 },
    ]);
    // Only the series with samples are passed. For the others, the store would be read, because another process may have just
    // pushed to them.
    const found = await active.find(series.slice(0, 2), { from: NOW - 100, to: NOW }, { maxSamples: 10 });
    expect([...found]).toEqual([series[0]]);
    expect(reader.queries).toEqual([]);
  });

  it('refuses to read more samples than the limit', async () => {
    const pushed = [0, 1, 2].flatMap((index) => [
      { series: index, at: NOW - 1_000, value: 1 },
      { series: index, at: NOW, value: 1 },
    ]);
    const { series, active } = storeOf(pushed);
    const range = { from: NOW - 2_000, to: NOW - 500 };
    await expect(active.find(series, range, { maxSamples: 2 })).rejects.toThrow(TooManySamplesError);
    expect((await active.find(series, range, { maxSamples: 3 })).size).toBe(3);
  });
});
