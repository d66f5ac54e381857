import { addCompensated } from '../../live-values/compensated-sum.js';
import { compareToNewest } from '../../live-values/sample-order.js';
import type { LogRow } from '../log/log-row.js';
import type { GroupedSamples } from './grouped-samples.js';

/**
 * The totals and last samples of many series up to the last compaction, as parallel arrays in the order of the series' ids. Times
 * are in milliseconds since the epoch. If a series has no sample yet, its `lastAts` is NaN.
 */
export interface SeriesTotals {
  readonly ids: Int32Array;
  /** The value is 1 for a series whose samples are deltas, and 0 for any other. */
  readonly areDeltas: Int32Array;
  /** The high and low doubles of compensated sums. */
  readonly totals: Float64Array;
  readonly totalLows: Float64Array;
  readonly lastValues: Float64Array;
  readonly lastAts: Float64Array;
  readonly lastReceivedAts: Float64Array;
  readonly lastWriterIds: Int32Array;
  readonly lastSequences: Float64Array;
  /** The time at which a sample last arrived, regardless of that sample's own time. */
  readonly pushedAts: Float64Array;
}

/**
 * Adds samples that leave the log to the totals, in place.
 *
 * @param totals the totals of exactly the series that have samples
 * @param rows the log rows that `sources` points to, in the order (arrival, writer, sequence)
 */
export function addToTotals(
  totals: SeriesTotals,
  { seriesIds, starts, timestamps, values, sources }: GroupedSamples,
  rows: readonly LogRow[],
): void {
  for (let place = 0; place < seriesIds.length; place++) {
    const isDelta = totals.areDeltas[place] === 1;
    let newestSource = 0;
    for (let index = starts[place]!; index < starts[place + 1]!; index++) {
      if (isDelta) addCompensated(totals.totals, totals.totalLows, place, values[index]!);
      if (sources[index]! > newestSource) newestSource = sources[index]!;
    }
    const pushedAt = rows[newestSource]!.receivedAt;
    if (!(totals.pushedAts[place]! >= pushedAt)) totals.pushedAts[place] = pushedAt;
    const last = starts[place + 1]! - 1;
    const row = rows[sources[last]!]!;
    if (!isAfter(timestamps[last]!, row, totals, place)) continue;
    totals.lastValues[place] = values[last]!;
    totals.lastAts[place] = timestamps[last]!;
    totals.lastReceivedAts[place] = row.receivedAt;
    totals.lastWriterIds[place] = row.writerId;
    totals.lastSequences[place] = row.sequence;
  }
}

/** Returns whether a sample is newer than the last one that was compacted. */
function isAfter(at: number, row: LogRow, last: SeriesTotals, place: number): boolean {
  const order = compareToNewest(
    at,
    row,
    last.lastAts[place]!,
    last.lastReceivedAts[place]!,
    last.lastWriterIds[place]!,
    last.lastSequences[place]!,
  );
  return order > 0;
}
