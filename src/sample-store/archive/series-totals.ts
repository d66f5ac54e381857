import { addCompensated } from '../../exposition/compensated-sum.js';
import type { LogRow } from '../log-row.js';
import type { GroupedSamples } from './grouped-samples.js';

/** What `series` says of one series: what was folded of it so far. Times in ms since the epoch. */
export interface FoldedSeries {
  readonly id: number;
  /** Whether its samples are deltas, which add up. */
  readonly isDelta: boolean;
  readonly total: number;
  readonly totalLow: number;
  readonly lastValue: number | null;
  readonly lastAt: number | null;
  readonly lastReceivedAt: number | null;
  readonly lastWriterId: number | null;
  readonly lastSequence: number | null;
  readonly pushedAt: number | null;
}

/** The same of many series, as parallel arrays to write. */
export interface TotalsColumns {
  readonly ids: Int32Array;
  readonly totals: Float64Array;
  readonly totalLows: Float64Array;
  readonly lastValues: Float64Array;
  readonly lastAts: Float64Array;
  readonly lastReceivedAts: Float64Array;
  readonly lastWriterIds: Int32Array;
  readonly lastSequences: Float64Array;
  readonly pushedAts: Float64Array;
}

/**
 * Adds samples that leave the log to what was folded before.
 *
 * @param before one entry for each series of `samples`, in the same order
 * @param rows the rows that `samples.sources` point to, in the order (arrival, writer, sequence)
 */
export function addToTotals(
  { seriesIds, starts, timestamps, values, sources }: GroupedSamples,
  before: readonly FoldedSeries[],
  rows: readonly LogRow[],
): TotalsColumns {
  const count = seriesIds.length;
  const totals = {
    ids: seriesIds,
    totals: Float64Array.from(before, ({ total }) => total),
    totalLows: Float64Array.from(before, ({ totalLow }) => totalLow),
    lastValues: Float64Array.from(before, ({ lastValue }) => lastValue ?? 0),
    lastAts: Float64Array.from(before, ({ lastAt }) => lastAt ?? 0),
    lastReceivedAts: Float64Array.from(before, ({ lastReceivedAt }) => lastReceivedAt ?? 0),
    lastWriterIds: Int32Array.from(before, ({ lastWriterId }) => lastWriterId ?? 0),
    lastSequences: Float64Array.from(before, ({ lastSequence }) => lastSequence ?? 0),
    pushedAts: Float64Array.from(before, ({ pushedAt }) => pushedAt ?? 0),
  };
  for (let place = 0; place < count; place++) {
    const series = before[place]!;
    let newestSource = 0;
    for (let index = starts[place]!; index < starts[place + 1]!; index++) {
      if (series.isDelta) addCompensated(totals.totals, totals.totalLows, place, values[index]!);
      if (sources[index]! > newestSource) newestSource = sources[index]!;
    }
    totals.pushedAts[place] = Math.max(totals.pushedAts[place]!, rows[newestSource]!.receivedAt);
    const last = starts[place + 1]! - 1;
    const row = rows[sources[last]!]!;
    if (!isAfter(timestamps[last]!, row, series)) continue;
    totals.lastValues[place] = values[last]!;
    totals.lastAts[place] = timestamps[last]!;
    totals.lastReceivedAts[place] = row.receivedAt;
    totals.lastWriterIds[place] = row.writerId;
    totals.lastSequences[place] = row.sequence;
  }
  return totals;
}

/** The one order that decides which sample of a series is last; see {@link LiveValues}. */
function isAfter(at: number, { receivedAt, writerId, sequence }: LogRow, last: FoldedSeries): boolean {
  if (last.lastAt === null) return true;
  if (at !== last.lastAt) return at > last.lastAt;
  if (receivedAt !== last.lastReceivedAt) return receivedAt > (last.lastReceivedAt ?? 0);
  if (writerId !== last.lastWriterId) return writerId > (last.lastWriterId ?? 0);
  return sequence > (last.lastSequence ?? 0);
}
