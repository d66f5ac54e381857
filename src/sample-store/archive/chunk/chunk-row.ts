import { decodeFloat8Array, decodeInt4Array } from '../../../database/binary/packed-array.js';

/** A chunk, or the part of it that was selected. */
export interface ChunkRow {
  readonly seriesId: number;
  /**
   * An id that grows with each compaction. If two samples have the same time, the one in the chunk with the larger id arrived
   * later.
   */
  readonly id: number;
  /** The start in milliseconds since the epoch. The offsets are relative to it. */
  readonly startAt: number;
  /** The high and low doubles of the sum of all deltas of the chunk; null for a series that has no deltas. */
  readonly deltaSum: number | null;
  readonly deltaSumLow: number | null;
  readonly offsetsMs: Int32Array;
  readonly values: Float64Array;
}

/** A chunk with the columns of {@link chunkRowColumns}. */
export interface PackedChunkRow {
  series_id: number;
  id: string | number;
  start_at: Date;
  delta_sum: number | null;
  delta_sum_low: number | null;
  offsets_ms: Buffer;
  values: Buffer;
}

/**
 * Returns the select list for `sample_chunk`, with binary arrays.
 *
 * @param cut alias of a relation whose columns `first` and `last` limit the samples; if it is missing, all samples are selected
 */
export function chunkRowColumns(table: string, cut?: string): string {
  const part = (column: string) =>
    cut === undefined
      ? column
      : `CASE WHEN ${cut}.first <= 1 AND ${cut}.last = ${table}.sample_count THEN ${column}
              ELSE (${column})[${cut}.first : ${cut}.last] END`;
  return `${table}.series_id, ${table}.id, ${table}.start_at, ${table}.delta_sum, ${table}.delta_sum_low,
          array_send(${part(`${table}.offsets_ms`)}) AS offsets_ms, array_send(${part(`${table}."values"`)}) AS "values"`;
}

export function decodeChunkRow(row: PackedChunkRow): ChunkRow {
  return {
    seriesId: row.series_id,
    id: Number(row.id),
    startAt: row.start_at.getTime(),
    deltaSum: row.delta_sum,
    deltaSumLow: row.delta_sum_low,
    offsetsMs: decodeInt4Array(row.offsets_ms),
    values: decodeFloat8Array(row.values),
  };
}
