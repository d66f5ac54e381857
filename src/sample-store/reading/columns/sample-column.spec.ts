import fc from 'fast-check';
import { Metric } from '../../../catalog/series/series.js';
import { Series } from '../../../catalog/series/series.js';
import type { SeriesKind } from '../../../catalog/series/series-kind.js';
import { BlockDecoder } from '../../archive/block/block-decoder.js';
import { cutIntoChunks } from '../../archive/chunk/chunk-columns.js';
import type { ChunkRow } from '../../archive/chunk/chunk-row.js';
import { type GroupedSamples, groupBySeries } from '../../archive/grouped-samples.js';
import { cutIntoBlocks } from '../../archive/stored-blocks/cut-blocks.js';
import { SampleRoom, SharedArrays } from './collected-samples.js';
import { SampleColumn } from './sample-column.js';

const PERIOD = 20;

function seriesOf(kind: SeriesKind): Series {
  const metric = new Metric(1, 'm', kind === 'gauge' ? 'gauge' : 'counter', new Date(0), null, null, null);
  return new Series(1, 0, metric, '', kind === 'gauge' ? null : kind, null, new Date(0));
}

type Samples = readonly { readonly at: number; readonly value: number }[];

/** A block or chunk of the series. */
interface Stored {
  readonly id: number;
  readonly startAt: number;
  readonly endAt: number;
  readonly lastValue: number;
  readonly deltaSum: number;
  readonly deltaSumLow: number;
  addTo(column: SampleColumn): void;
}

/** Returns what several successive compactions store. */
function compact(compactions: readonly Samples[], isDelta: boolean, form: 'blocks' | 'chunks'): Stored[] {
  const parts = compactions.flatMap((samples) => {
    const grouped = groupBySeries({
      seriesIds: new Int32Array(samples.length).fill(1),
      timestamps: Float64Array.from(samples, ({ at }) => at),
      values: Float64Array.from(samples, ({ value }) => value),
      sources: new Uint32Array(samples.length),
    });
    return form === 'blocks' ? blocksOf(grouped, isDelta) : chunksOf(grouped, isDelta);
  });
  return parts.map((part, index) => part(index + 1));
}

function chunksOf(samples: GroupedSamples, isDelta: boolean): ((id: number) => Stored)[] {
  const chunks = cutIntoChunks(samples, () => isDelta, PERIOD);
  let first = 0;
  return Array.from(chunks.seriesIds, (seriesId, index) => {
    const end = (first += chunks.sampleCounts[index]!);
    const start = end - chunks.sampleCounts[index]!;
    const offsetsMs = chunks.offsetsMs.slice(start, end);
    const values = chunks.values.slice(start, end);
    const startAt = chunks.startsAt[index]!;
    const deltaSum = chunks.deltaSums[index]!;
    const deltaSumLow = chunks.deltaSumLows[index]!;
    return (id) => {
      const sums = isDelta ? { deltaSum, deltaSumLow } : { deltaSum: null, deltaSumLow: null };
      const chunk: ChunkRow = { seriesId, id, startAt, ...sums, offsetsMs, values };
      const endAt = startAt + offsetsMs.at(-1)!;
      const addTo = (column: SampleColumn) => void column.addChunk(chunk, true);
      return { id, startAt, endAt, lastValue: values.at(-1)!, deltaSum, deltaSumLow, addTo };
    };
  });
}

const room = new SampleRoom();
const shared = new SharedArrays();

function blocksOf(samples: GroupedSamples, isDelta: boolean): ((id: number) => Stored)[] {
  return Array.from(
    cutIntoBlocks(samples, () => isDelta, PERIOD),
    (block) => (id) => {
      const decoder = new BlockDecoder();
      decoder.open({ ...block, id, packed: [{ from: 0, bytes: block.packed }] });
      const [times, values] = [new Float64Array(block.sampleCount), new Float64Array(block.sampleCount)];
      decoder.decode(1, -Infinity, Infinity, times, values, 0);
      const deltaSum = block.deltaSums?.[0] ?? 0;
      const deltaSumLow = block.deltaSumLows?.[0] ?? 0;
      const sums = isDelta ? { deltaSum, deltaSumLow } : { deltaSum: null, deltaSumLow: null };
      const addTo = (column: SampleColumn) =>
        void column.addMember({ decoder, member: 1, id, ...sums }, true, undefined, room);
      const { startAt, endAt } = block;
      return { id, startAt, endAt, lastValue: values.at(-1)!, deltaSum, deltaSumLow, addTo };
    },
  );
}

/** A value of NaN is a stale marker. */
const value = fc.oneof({ weight: 3, arbitrary: fc.nat(9).map((n) => n / 10) }, fc.constant(NaN));
const samples = fc.array(fc.record({ at: fc.integer({ min: 0, max: 60 }), value }), { maxLength: 12 });

function sumOf(all: readonly { readonly value: number }[]): number {
  return all.reduce((total, sample) => total + (Number.isNaN(sample.value) ? 0 : sample.value), 0);
}

describe('SampleColumn', () => {
  it.each(['blocks', 'chunks'] as const)('joins %s and log in time order, and knows the value before', (form) => {
    fc.assert(
      fc.property(
        fc.constantFrom<SeriesKind>('gauge', 'delta', 'cumulative'),
        fc.array(samples, { maxLength: 4 }),
        samples,
        fc.integer({ min: 0, max: 60 }),
        fc.integer({ min: 1, max: 70 }),
        fc.boolean(),
        (kind, compactions, log, from, length, isBackwards) => {
          const to = from + length;
          const isDelta = kind === 'delta';
          const all = [...compactions.flat(), ...log];
          const column = new SampleColumn(seriesOf(kind), { from, to }, shared);
          const stored = compact(compactions, isDelta, form);
          // This repeats the steps by which read-samples.ts reads the store.
          if (isDelta) {
            column.startFrom(sumOf(compactions.flat()), 0);
            for (const each of stored) if (each.startAt >= to) column.takeOff(each.deltaSum, each.deltaSumLow);
          } else {
            const older = stored
              .filter((each) => each.endAt < from)
              .toSorted((a, b) => a.endAt - b.endAt || a.id - b.id);
            const last = older.at(-1);
            if (last) column.setOlder(last.endAt, last.lastValue, last.id);
          }
          const overlapping = stored.filter((each) => each.endAt >= from && each.startAt < to);
          for (const each of isBackwards ? overlapping.toReversed() : overlapping) each.addTo(column);
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
