import fc from 'fast-check';
import { Metric } from '../../catalog/series/series.js';
import { Series } from '../../catalog/series/series.js';
import { LiveValues } from '../../live-values/live-values.js';
import type { LogRow } from '../log/log-row.js';
import { cutIntoChunks } from './chunk/chunk-columns.js';
import { emptySamples, type GroupedSamples, groupBySeries } from './grouped-samples.js';
import { addToTotals, type SeriesTotals } from './series-totals.js';

const T0 = 1_764_000_000_000;
const PERIOD_MS = 10;

const metric = (name: string, type: 'counter' | 'gauge') => new Metric(1, name, type, new Date(T0), null, null, null);
const DELTA = new Series(1, 1, metric('delta', 'counter'), '', 'delta', null, new Date(T0));
const GAUGE = new Series(2, 2, metric('gauge', 'gauge'), '', null, null, new Date(T0));

/**
 * Generates samples that have only a few different times, so that many have the same time. The values are multiples of 0.01 or
 * stale markers.
 */
const sample = fc.record({
  series: fc.constantFrom(DELTA, GAUGE),
  value: fc.oneof({ weight: 2, arbitrary: fc.nat(1_000).map((cents) => cents / 100) }, fc.constant(NaN)),
  at: fc.nat(30).map((ms) => T0 + ms),
});
const log = fc.array(fc.array(sample, { minLength: 1, maxLength: 5 }), { minLength: 1, maxLength: 8 }).map((drafts) =>
  drafts.map((samples, index): LogRow => ({
    writerId: 1,
    sequence: index + 1,
    receivedAt: T0 + index,
    seriesIds: Int32Array.from(samples, ({ series }) => series.id),
    timestamps: Float64Array.from(samples, ({ at }) => at),
    values: Float64Array.from(samples, ({ value }) => value),
  })),
);

function grouped(rows: readonly LogRow[]): GroupedSamples {
  const samples = emptySamples(rows.reduce((sum, { values }) => sum + values.length, 0));
  let offset = 0;
  for (const [source, row] of rows.entries()) {
    samples.seriesIds.set(row.seriesIds, offset);
    samples.values.set(row.values, offset);
    samples.timestamps.set(row.timestamps!, offset);
    samples.sources.fill(source, offset, offset + row.values.length);
    offset += row.values.length;
  }
  return groupBySeries(samples);
}

function noTotals(): SeriesTotals {
  const none = () => new Float64Array(2).fill(NaN);
  return {
    ids: Int32Array.of(DELTA.id, GAUGE.id),
    areDeltas: Int32Array.of(1, 0),
    totals: new Float64Array(2),
    totalLows: new Float64Array(2),
    lastValues: new Float64Array(2),
    lastAts: none(),
    lastReceivedAts: none(),
    lastWriterIds: new Int32Array(2),
    lastSequences: new Float64Array(2),
    pushedAts: none(),
  };
}

/** Compacts rows as the compaction does, that is, only for series that have samples in them. */
function compact(totals: SeriesTotals, rows: readonly LogRow[]): void {
  const samples = grouped(rows);
  const places = [...samples.seriesIds].map((id) => totals.ids.indexOf(id));
  const part = Object.fromEntries(
    Object.entries(totals).map(([name, column]) => [
      name,
      column.filter((_: number, place: number) => places.includes(place)),
    ]),
  ) as unknown as SeriesTotals;
  addToTotals(part, samples, rows);
  for (const [name, column] of Object.entries(part) as [keyof SeriesTotals, Float64Array][]) {
    for (const [index, place] of places.entries()) totals[name][place] = column[index]!;
  }
}

describe('the compaction of stale markers', () => {
  it('gives the same result as live values: the sum without markers, and staleness', () => {
    fc.assert(
      fc.property(log, fc.nat(8), (rows, compacted) => {
        const whole = new LiveValues();
        for (const row of rows)
          whole.apply({ ...row, series: Array.from(row.seriesIds, (id) => (id === 1 ? DELTA : GAUGE)) });

        const totals = noTotals();
        for (const part of [rows.slice(0, compacted), rows.slice(compacted)])
          if (part.length > 0) compact(totals, part);
        const restored = new LiveValues();
        for (const [place, series] of [DELTA, GAUGE].entries()) {
          const lastAt = totals.lastAts[place]!;
          restored.restore(series, {
            total: totals.totals[place]!,
            totalLow: totals.totalLows[place]!,
            lastValue: Number.isNaN(lastAt) ? null : totals.lastValues[place]!,
            lastAt: Number.isNaN(lastAt) ? null : lastAt,
            lastReceivedAt: totals.lastReceivedAts[place]!,
            lastWriterId: totals.lastWriterIds[place]!,
            lastSequence: totals.lastSequences[place]!,
            pushedAt: totals.pushedAts[place]!,
          });
          expect(restored.has(series)).toBe(whole.has(series));
          if (whole.has(series)) expect(restored.valueOf(series)).toBe(whole.valueOf(series));
        }
        const sum = rows
          .flatMap(({ seriesIds, values }) =>
            [...values].filter((value, index) => seriesIds[index] === 1 && !Number.isNaN(value)),
          )
          .reduce((a, b) => a + b, 0);
        expect(totals.totals[0]).toBeCloseTo(sum, 9);
      }),
      { numRuns: 1_000 },
    );
  });

  it('leaves markers out of the sums of chunks, and keeps them in the chunks', () => {
    fc.assert(
      fc.property(log, (rows) => {
        const samples = grouped(rows);
        const chunks = cutIntoChunks(samples, (place) => samples.seriesIds[place] === DELTA.id, PERIOD_MS);
        expect([...chunks.values]).toEqual([...samples.values]);
        let start = 0;
        for (const [index, count] of chunks.sampleCounts.entries()) {
          const values = samples.values.slice(start, start + count).filter((value) => !Number.isNaN(value));
          if (chunks.seriesIds[index] === DELTA.id) {
            expect(chunks.deltaSums[index]).toBeCloseTo(
              values.reduce((a, b) => a + b, 0),
              9,
            );
          }
          start += count;
        }
      }),
      { numRuns: 500 },
    );
  });
});
