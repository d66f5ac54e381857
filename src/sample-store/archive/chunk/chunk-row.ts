import { decodeFloat8Array, decodeInt4Array } from '../../../database/binary/packed-array.js';

/** A chunk, or the part of it that was asked for. */
export interface ChunkRow {
  readonly seriesId: number;
  /** In the order of the compactions: of two samples of one time, that in the chunk with the larger id came later. */
  readonly id: number;
  /** Milliseconds since the epoch; offsets count from here. */
  readonly startAt: number;
  /** High and low double of the sum of all its deltas; null for a series that does not add up. */
  readonly deltaSum: number | null;
  readonly deltaSumLow: number | null;
  readonly offsetsMs: Int32Array;
  readonly values: Float64Array;
}

/** A chunk as {@link chunkRowColumns} asks for it. */
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
 * What to select of `sample_chunk`, with the arrays in binary.
 *
 * @param cut alias of what says which samples are wanted, as their places `first` and `last`; without it all are
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
