import fc from 'fast-check';
import type { MetricType, Temporality } from '../catalog/metric/metric.js';
import { Metric } from '../catalog/series/series.js';
import { Series } from '../catalog/series/series.js';
import { type CommittedSamples, LiveValues } from './live-values.js';

const T0 = 1_764_000_000_000;

function seriesOf(slot: number, type: MetricType, temporality: Temporality | null = null): Series {
  const metric = new Metric(slot, `m${slot}`, type, new Date(T0), null, null, null);
  return new Series(slot, slot, metric, '', temporality, null, new Date(T0));
}

const gauge = seriesOf(0, 'gauge');
const delta = seriesOf(1, 'counter', 'delta');
const cumulative = seriesOf(2, 'counter', 'cumulative');
const ALL = [gauge, delta, cumulative];

/** Generates samples that have only a few different times, so that ties are frequent. NaN is a stale marker. */
const sample = fc.record({
  series: fc.constantFrom(...ALL),
  value: fc.oneof({ weight: 3, arbitrary: fc.nat(5) }, { weight: 1, arbitrary: fc.constant(NaN) }),
  at: fc.nat(2).map((ms) => T0 + ms),
});
/** Generates log rows, each with its own pair of writer and sequence. */
const rows = fc
  .array(
    fc.tuple(fc.integer({ min: 1, max: 3 }), fc.array(sample, { minLength: 1, maxLength: 4 }), fc.nat(2), fc.boolean()),
    {
      maxLength: 8,
    },
  )
  .map((drafts) =>
    drafts.map(([writerId, samples, receivedMs, hasTimes], sequence): CommittedSamples => ({
      writerId,
      sequence,
      receivedAt: T0 + receivedMs,
      series: samples.map(({ series }) => series),
      values: Float64Array.from(samples, ({ value }) => value),
      timestamps: hasTimes ? Float64Array.from(samples, ({ at }) => at) : null,
    })),
  );

/** Returns all samples of a series in the order that all processes use: time, arrival, writer, sequence, index. */
function inOrder(log: readonly CommittedSamples[], series: Series): number[] {
  return log
    .flatMap(({ writerId, sequence, receivedAt, series: all, values, timestamps }) =>
      all.map((each, place) => ({
        isOfSeries: each === series,
        order: [timestamps?.[place] ?? receivedAt, receivedAt, writerId, sequence, place],
        value: values[place] ?? NaN,
      })),
    )
    .filter(({ isOfSeries }) => isOfSeries)
    .toSorted((a, b) => a.order.map((each, index) => each - (b.order[index] ?? 0)).find((each) => each !== 0) ?? 0)
    .map(({ value }) => value);
}

const PLACE = { lastReceivedAt: null, lastWriterId: null, lastSequence: null, pushedAt: null };

describe('LiveValues', () => {
  it('shows the sum of deltas or the newest value in any order of log rows, and nothing while the last sample is a marker', () => {
    fc.assert(
      fc.property(
        rows.chain((log) => fc.tuple(fc.constant(log), fc.shuffledSubarray(log, { minLength: log.length }))),
        ([log, shuffled]) => {
          const live = new LiveValues();
          for (const row of shuffled) live.apply(row);
          for (const series of ALL) {
            const values = inOrder(log, series);
            const last = values.at(-1) ?? NaN;
            expect(live.has(series)).toBe(!Number.isNaN(last));
            if (values.length === 0) continue;
            // A marker hides the value, but the total continues with the next delta.
            const sum = values.filter((value) => !Number.isNaN(value)).reduce((a, b) => a + b, 0);
            expect(live.valueOf(series)).toBe(series === delta ? sum : last);
          }
        },
      ),
      { numRuns: 2_000 },
    );
  });

  it('continues from restored totals', () => {
    const live = new LiveValues();
    const stored = { total: 2 ** 53, totalLow: 1, lastValue: 7, lastAt: T0, ...PLACE };
    for (const series of ALL) live.restore(series, stored);
    expect(ALL.map((series) => live.valueOf(series))).toEqual([7, 2 ** 53, 7]);
    live.apply({
      writerId: 1,
      sequence: 1,
      receivedAt: T0 - 1,
      series: ALL,
      values: Float64Array.of(1, 1, 1),
      timestamps: null,
    });
    // The older values change nothing. The delta of 1 alone would be lost in rounding, but with the stored low part it adds up to
    // 2.
    expect(ALL.map((series) => live.valueOf(series))).toEqual([7, 2 ** 53 + 2, 7]);
  });

  it('is stale after a restart if the last sample was a marker, and keeps the total', () => {
    const live = new LiveValues();
    for (const series of ALL) live.restore(series, { total: 5, totalLow: 0, lastValue: NaN, lastAt: T0, ...PLACE });
    expect(ALL.map((series) => live.has(series))).toEqual([false, false, false]);
    live.apply({
      writerId: 1,
      sequence: 1,
      receivedAt: T0 + 1,
      series: ALL,
      values: Float64Array.of(1, 1, 1),
      timestamps: null,
    });
    expect(ALL.map((series) => live.has(series) && live.valueOf(series))).toEqual([1, 6, 1]);
  });

  it('shows the next series in a slot whose previous series was stale', () => {
    const live = new LiveValues();
    const [removed, next] = [seriesOf(3, 'gauge'), seriesOf(3, 'gauge')];
    const row = { writerId: 1, sequence: 1, receivedAt: T0, timestamps: null };
    live.apply({ ...row, series: [removed], values: Float64Array.of(NaN) });
    removed.isRemoved = true;
    live.apply({ ...row, series: [next], values: Float64Array.of(2) });
    expect(live.has(next)).toBe(true);
  });

  it('has no value for a series without samples', () => {
    const live = new LiveValues();
    const far = seriesOf(5_000, 'gauge');
    expect(live.has(gauge)).toBe(false);
    expect(live.has(far)).toBe(false);
    expect(live.pushedAtOf(far)).toBe(0);
    live.restore(gauge, { total: 0, totalLow: 0, lastValue: null, lastAt: null, ...PLACE });
    expect(live.has(gauge)).toBe(false);
  });

  it('keeps all values while it grows', () => {
    const live = new LiveValues();
    const many = Array.from({ length: 10_000 }, (_, slot) =>
      seriesOf(slot, slot % 2 === 0 ? 'gauge' : 'counter', 'delta'),
    );
    for (const [index, series] of many.entries()) {
      const values = Float64Array.of(index, 0.5);
      live.apply({
        writerId: 1,
        sequence: index,
        receivedAt: T0 + index,
        series: [series, series],
        values,
        timestamps: null,
      });
    }
    const wrong = many.filter(
      (series, index) =>
        live.valueOf(series) !== (series.kind === 'delta' ? index + 0.5 : 0.5) ||
        live.pushedAtOf(series) !== T0 + index,
    );
    expect(wrong).toEqual([]);
  });

  it('tells when the last sample arrived, whatever its own time is', () => {
    const live = new LiveValues();
    const push = (receivedAt: number, at: number) =>
      live.apply({
        writerId: 1,
        sequence: receivedAt,
        receivedAt,
        series: [gauge],
        values: Float64Array.of(1),
        timestamps: Float64Array.of(at),
      });
    push(T0 + 1_000, T0 - 3_600_000);
    expect(live.pushedAtOf(gauge)).toBe(T0 + 1_000);
    push(T0 + 500, T0 + 500);
    expect(live.pushedAtOf(gauge)).toBe(T0 + 1_000);
  });

  it('keeps a removed series apart from the next one in its slot', () => {
    const live = new LiveValues();
    const [removed, next] = [seriesOf(3, 'counter', 'delta'), seriesOf(3, 'counter', 'delta')];
    const row = (series: Series, value: number): CommittedSamples => ({
      writerId: 1,
      sequence: 1,
      receivedAt: T0,
      series: [delta, series],
      values: Float64Array.of(1, value),
      timestamps: null,
    });
    expect(live.apply(row(removed, 5))).toEqual([]);
    removed.isRemoved = true;
    expect(live.has(removed)).toBe(false);
    expect(live.has(next)).toBe(false);
    expect(live.apply(row(removed, 6))).toEqual([1]);
    live.apply(row(next, 2));
    expect(live.apply(row(removed, 7))).toEqual([1]);
    expect(live.valueOf(next)).toBe(2);
    expect(live.valueOf(delta)).toBe(4);
    expect([live.valueOf(removed), live.pushedAtOf(removed)]).toEqual([NaN, 0]);
  });
});
