import { decodeFloat8Array, decodeInt4Array, decodeInt8Array } from '../../database/binary/packed-array.js';
import type { Arrival } from '../../live-values/sample-order.js';

/** One decoded row of the log. */
export interface LogRow extends Arrival {
  readonly seriesIds: Int32Array;
  /** The times in milliseconds since the epoch; null if all samples have the time `receivedAt`. */
  readonly timestamps: Float64Array | null;
  readonly values: Float64Array;
}

/** A row with the columns of {@link logRowColumns}. */
export interface PackedLogRow {
  writer_id: number;
  sequence: string | number;
  received_at: Date;
  series_ids: Buffer;
  timestamps: Buffer | null;
  values: Buffer;
}

/**
 * The order in which rows are read from `sample_batch`; see `compareToNewest` in live-values/sample-order.ts. Samples with equal
 * times keep this order in blocks.
 */
export const ORDER_OF_ROWS = 'received_at, writer_id, sequence';

/**
 * Returns the select list for `sample_batch`, with arrays in binary form, because node-postgres takes twice as long to parse
 * their text form.
 */
export function logRowColumns(table: string): string {
  return `${table}.writer_id, ${table}.sequence, ${table}.received_at, array_send(${table}.series_ids) AS series_ids,
          array_send(${table}.timestamps) AS timestamps, array_send(${table}."values") AS "values"`;
}

export function decodeLogRow(row: PackedLogRow): LogRow {
  return {
    writerId: row.writer_id,
    sequence: Number(row.sequence),
    receivedAt: row.received_at.getTime(),
    seriesIds: decodeInt4Array(row.series_ids),
    timestamps: row.timestamps === null ? null : decodeInt8Array(row.timestamps),
    values: decodeFloat8Array(row.values),
  };
}
