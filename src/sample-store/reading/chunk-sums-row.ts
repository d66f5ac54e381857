import { decodeFloat8Array, encodeFloat8Array } from '../../database/binary/packed-array.js';
import type { StoredSums } from './edge-sums.js';

/** The sums of chunks of one counter. */
export interface ChunkSumsRow extends StoredSums {
  readonly seriesId: number;
  /**
   * True if no chunk that overlaps the range has a stale marker or a negative value, so that the sums between edges determine the
   * result.
   */
  readonly onlyRises: boolean;
}

/** A row of {@link CHUNK_SUMS_COLUMNS} as Postgres sends it. */
export interface PackedChunkSums {
  readonly series_id: number;
  readonly only_rises: boolean;
  readonly starts_at: Buffer;
  readonly ends_at: Buffer;
  readonly values: Buffer;
  readonly lows: Buffer;
}

/** The columns of the sums of one series. They select from chunks with the columns `may_fall` and `is_between`. */
export const CHUNK_SUMS_COLUMNS = `series_id, NOT bool_or(may_fall) AS only_rises, ${sumsColumn('starts_at')} AS starts_at,
              ${sumsColumn('ends_at')} AS ends_at, ${sumsColumn('delta_sum')} AS "values", ${sumsColumn('delta_sum_low')} AS lows`;

function sumsColumn(column: string): string {
  return `array_send(coalesce(array_agg(${column}) FILTER (WHERE is_between), '{}'))`;
}

/**
 * Returns an SQL condition that is true for a chunk from which only the sum is needed. The whole chunk must be in the range `$2`
 * to `$3`, with no edge between its first and its last sample. The edges are half a millisecond late, so that times which a
 * double does not hold exactly fall on the right side of them.
 */
export function isBetweenEdges(edges: string): string {
  const edgesBefore = (at: string) => `width_bucket(date_part('epoch', chunk.${at}) * 1000, ${edges})`;
  return `(chunk.start_at >= $2::timestamptz AND chunk.end_at < $3::timestamptz AND chunk.delta_sum IS NOT NULL
           AND ${edgesBefore('start_at')} = ${edgesBefore('end_at')} AND ${edgesBefore('end_at')} < cardinality(${edges}))`;
}

/** Converts a row of {@link CHUNK_SUMS_COLUMNS} to sums, with times in milliseconds. */
export function decodeChunkSums(row: PackedChunkSums): ChunkSumsRow {
  return {
    seriesId: row.series_id,
    onlyRises: row.only_rises,
    startsAt: decodeFloat8Array(row.starts_at).map(toMilliseconds),
    endsAt: decodeFloat8Array(row.ends_at).map(toMilliseconds),
    sums: decodeFloat8Array(row.values),
    lows: decodeFloat8Array(row.lows),
  };
}

/** Encodes edges for {@link isBetweenEdges}. */
export function packedEdges(edges: Float64Array): Buffer {
  return encodeFloat8Array(edges.map((edge) => edge + 0.5));
}

function toMilliseconds(seconds: number): number {
  return Math.round(seconds * 1000);
}
