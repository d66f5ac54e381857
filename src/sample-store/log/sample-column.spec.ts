import fc from 'fast-check';
import { Metric } from '../../catalog/series/series.js';
import { Series } from '../../catalog/series/series.js';
import type { SeriesKind } from '../../catalog/series/series-kind.js';
import { cutIntoChunks } from '../archive/chunk/chunk-columns.js';
import type { ChunkRow } from '../archive/chunk/chunk-row.js';
import { groupBySeries } from '../archive/grouped-samples.js';
import { SampleColumn } from './sample-column.js';

const PERIOD = 20;

function seriesOf(kind: SeriesKind): Series {
  const metric = new Metric(1, 'm', kind === 'gauge' ? 'gauge' : 'counter', new Date(0), null, null, null);
  return new Series(1, 0, metric, '', kind === 'gauge' ? null : kind, null, new Date(0));
}

/** Returns chunks in the form that several successive compactions create. */
function compact(compactions: readonly (readonly { at: number; value: number }[])[], isDelta: boolean): ChunkRow[] {
  let id = 0;
  return compactions.flatMap((samples) => {
    const chunks = cutIntoChunks(
      groupBySeries({
        seriesIds: new Int32Array(samples.length).fill(1),
        timestamps: Float64Array.from(samples, ({ at }) => at),
        values: Float64Array.from(samples, ({ value }) => value),
        sources: new Uint32Array(samples.length),
      }),
      () => isDelta,
      PERIOD,
    );
    let first = 0;
    return Array.from(chunks.seriesIds, (seriesId, index): ChunkRow => {
      const end = (first += chunks.sampleCounts[index]!);
      const start = end - chunks.sampleCounts[index]!;
      return {
        seriesId,
        id: ++id,
        startAt: chunks.startsAt[index]!,
        deltaSum: isDelta ? chunks.deltaSums[index]! : null,
        deltaSumLow: isDelta ? chunks.deltaSumLows[index]! : null,
        offsetsMs: chunks.offsetsMs.slice(start, end),
        values: chunks.values.slice(start, end),
      };
    });
  });
}

/** A value of NaN is a stale marker. */
const value = fc.oneof({ weight: 3, arbitrary: fc.nat(9).map((n) => n / 10) }, fc.constant(NaN));
const samples = fc.array(fc.record({ at: fc.integer({ min: 0, max: 60 }), value }), { maxLength: 12 });

function sumOf(all: readonly { readonly value: number }[]): number {
  return all.reduce((total, sample) => total + (Number.isNaN(sample.value) ? 0 : sample.value), 0);
}

describe('SampleColumn', () => {
  it('joins chunks and log to one list in time order, and knows the value before the range', () => {
    fc.assert(
      fc.property(
        fc.constantFrom<SeriesKind>('gauge', 'delta', 'cumulative'),
        fc.array(samples, { maxLength: 4 }),
        samples,
        fc.integer({ min: 0, max: 60 }),
        fc.integer({ min: 1, max: 30 }),
        (kind, compactions, log, from, length) => {
          const to = from + length;
          const isDelta = kind === 'delta';
          const all = [...compactions.flat(), ...log];
          const column = new SampleColumn(seriesOf(kind), { from, to });
          const chunks = compact(compactions, isDelta);
          const endOf = ({ startAt, offsetsMs }: ChunkRow) => startAt + offsetsMs.at(-1)!;
          // This repeats the steps by which sample-reader.ts reads the store.
          if (isDelta) {
            column.startFrom(sumOf(compactions.flat()), 0);
            for (const chunk of chunks) {
              if (chunk.startAt >= to) column.takeOff(chunk.deltaSum!, chunk.deltaSumLow!);
            }
          } else {
            const older = chunks
              .filter((chunk) => endOf(chunk) < from)
              .toSorted((a, b) => endOf(a) - endOf(b) || a.id - b.id);
            const last = older.at(-1);
            if (last) column.setOlder(endOf(last), last.values.at(-1)!, last.id);
          }
          for (const chunk of chunks.toReversed()) {
            if (endOf(chunk) >= from && chunk.startAt < to) column.addChunk(chunk, true);
          }
          for (const { at, value } of log) column.addLogSample(at, value);

          const inOrder = all.toSorted((a, b) => a.at - b.at);
          const inRange = inOrder.filter(({ at }) => at >= from && at < to);
          const older = inOrder.filter(({ at }) => at < from);
          const result = column.toSamples();
          expect([...result.timestamps]).toEqual(inRange.map(({ at }) => at));
          expect([...result.values]).toEqual(inRange.map(({ value }) => value));
          const sum = sumOf(older);
          const before = result.before.value;
          if (!isDelta) expect(before ?? NaN).toBe(older.at(-1)?.value ?? NaN);
          else if (sum === 0) expect(before ?? 0).toBeCloseTo(0, 12);
          else expect(before).toBeCloseTo(sum, 12);
        },
      ),
      { numRuns: 1_000 },
    );
  });
});
