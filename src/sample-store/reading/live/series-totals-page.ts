import {
  decodeFloat8Array,
  decodeInt4Array,
  decodeInt8Array,
  decodeTimestampArray,
} from '../../../database/binary/packed-array.js';
import type { SeriesTotals } from '../../../live-values/live-values.js';

/** The stored totals of some series, in the order of their ids. */
export interface SeriesTotalsPage {
  readonly ids: Int32Array;
  /** Returns the totals of one series, by the index of its id. */
  totalsAt(index: number): SeriesTotals;
}

/** A page of series in one row, with an array for each column, as selected by {@link SERIES_TOTALS_COLUMNS}. */
export interface PackedSeriesTotals {
  readonly ids: Buffer;
  readonly totals: Buffer;
  readonly total_lows: Buffer;
  readonly last_values: Buffer;
  readonly last_ats: Buffer;
  readonly last_received_ats: Buffer;
  readonly last_writer_ids: Buffer;
  readonly last_sequences: Buffer;
  readonly pushed_ats: Buffer;
}

/**
 * The select list for series, as binary arrays. As separate rows, the nine columns of 100,000 series took a fifth of the start,
 * because the driver makes a string of each value and parses the three times with regular expressions. Unknown times and numbers
 * are replaced by 0 or the epoch, which sort before all known ones.
 */
export const SERIES_TOTALS_COLUMNS = `
  array_send(array_agg(id)) AS ids,
  array_send(array_agg(total)) AS totals,
  array_send(array_agg(total_low)) AS total_lows,
  array_send(array_agg(coalesce(last_value, 0))) AS last_values,
  array_send(array_agg(last_at)) AS last_ats,
  array_send(array_agg(coalesce(last_received_at, 'epoch'))) AS last_received_ats,
  array_send(array_agg(coalesce(last_writer_id, 0))) AS last_writer_ids,
  array_send(array_agg(coalesce(last_sequence, 0))) AS last_sequences,
  array_send(array_agg(coalesce(pushed_at, 'epoch'))) AS pushed_ats`;

/**
 * Decodes a page. The totals of a series become an object only when they are asked for: thousands of objects at a time would be copied
 * by the garbage collector.
 */
export function decodeSeriesTotals(page: PackedSeriesTotals): SeriesTotalsPage {
  const totals = decodeFloat8Array(page.totals);
  const totalLows = decodeFloat8Array(page.total_lows);
  const lastValues = decodeFloat8Array(page.last_values);
  const lastAts = decodeTimestampArray(page.last_ats);
  const lastReceivedAts = decodeTimestampArray(page.last_received_ats);
  const lastWriterIds = decodeInt4Array(page.last_writer_ids);
  const lastSequences = decodeInt8Array(page.last_sequences);
  const pushedAts = decodeTimestampArray(page.pushed_ats);
  return {
    ids: decodeInt4Array(page.ids),
    totalsAt: (index) => ({
      total: totals[index]!,
      totalLow: totalLows[index]!,
      lastValue: lastValues[index]!,
      lastAt: lastAts[index]!,
      lastReceivedAt: lastReceivedAts[index]!,
      lastWriterId: lastWriterIds[index]!,
      lastSequence: lastSequences[index]!,
      pushedAt: pushedAts[index]!,
    }),
  };
}
