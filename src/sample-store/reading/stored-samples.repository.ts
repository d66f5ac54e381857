import { decodeFloat8Array, encodeInt4Array } from '../../database/binary/packed-array.js';
import type { DatabaseSchema } from '../../database/schema/database-schema.js';
import { type ChunkRow, chunkRowColumns, decodeChunkRow, type PackedChunkRow } from '../archive/chunk/chunk-row.js';
import { decodeLogRow, type LogRow, logRowColumns, ORDER_OF_ROWS, type PackedLogRow } from '../log/log-row.js';
import { StoredBlocks } from './blocks/stored-blocks.repository.js';
import {
  CHUNK_SUMS_COLUMNS,
  type ChunkSumsRow,
  decodeChunkSums,
  isBetweenEdges,
  type PackedChunkSums,
  packedEdges,
} from './chunk-sums-row.js';
import { decoded } from './decoded-parts.js';
import { rowsOf, type Statements, type StatementValue } from './statements.js';
import type { ChunkFilter, DeltaSumsRow, LogFilter, StoreView } from './store-view.js';

/** Approximate number of bytes in one round trip, which hold about two hundred thousand samples. */
const BYTES_PER_FETCH = 4_000_000;

/**
 * The maximum length of a chunk, because its period is at most a day. This limit lets Postgres exclude partitions after a
 * range.
 */
const LONGEST_CHUNK = `interval '24 hours'`;

/** Reads the samples and the totals in one consistent view of the store. */
export class StoredSamples implements StoreView {
  readonly blocks: StoredBlocks;

  constructor(
    readonly statements: Statements,
    protected readonly schema: DatabaseSchema,
  ) {
    this.blocks = new StoredBlocks(statements, schema);
  }

  /** Returns the sums of the compacted deltas of some series, as high and low doubles of compensated sums. */
  async totalsOf(seriesIds: readonly number[]): Promise<{ id: number; total: number; total_low: number }[]> {
    const page = await this.statements.query(
      `SELECT id, total, total_low FROM ${this.schema}.series WHERE id = ANY($1::int[])`,
      [packedIds(seriesIds)],
    );
    return rowsOf(page);
  }

  /** Reads rows of the log in pages, in the order of their arrival. */
  async *rows(filter: LogFilter = {}): AsyncGenerator<LogRow[]> {
    const pages = this.read<PackedLogRow>(
      `SELECT ${logRowColumns('batch')}
       FROM ${this.schema}.sample_batch AS batch
       WHERE ($2::timestamptz IS NULL OR coalesce(latest_at, received_at) >= $2::timestamptz)
         AND ($3::timestamptz IS NULL OR coalesce(earliest_at, received_at) < $3::timestamptz)
         -- This condition is last, because it reads the whole array, and conditions are checked in their order.
         AND ($1::int[] IS NULL OR series_ids && $1::int[])
       ORDER BY ${ORDER_OF_ROWS}`,
      [filter.seriesIds === undefined ? null : packedIds(filter.seriesIds), dateOf(filter.from), dateOf(filter.to)],
    );
    for await (const page of pages) yield* decoded(page, decodeLogRow);
  }

  /** Reads samples of chunks in pages, in any order. Postgres removes the samples outside the range. */
  async *chunks({ seriesIds, from, to, isWithRest, edges }: ChunkFilter): AsyncGenerator<ChunkRow[]> {
    const pages = this.read<PackedChunkRow>(
      `SELECT ${chunkRowColumns('chunk', 'cut')}
       FROM ${this.schema}.sample_chunk AS chunk
       CROSS JOIN LATERAL (
         SELECT
           CASE WHEN chunk.start_at >= $2::timestamptz THEN 1
             ELSE 1 - $4::int + width_bucket(
               (extract(epoch FROM $2::timestamptz - chunk.start_at) * 1000)::int - 1, chunk.offsets_ms)
           END AS first,
           CASE WHEN chunk.end_at < $3::timestamptz OR ($4::int = 1 AND chunk.start_at < $2::timestamptz)
             THEN chunk.sample_count
             ELSE width_bucket((extract(epoch FROM $3::timestamptz - chunk.start_at) * 1000)::int - 1, chunk.offsets_ms)
           END AS last
       ) AS cut
       WHERE chunk.series_id = ANY($1::int[])
         AND chunk.end_at >= $2::timestamptz AND chunk.end_at < $3::timestamptz + ${LONGEST_CHUNK}
         AND chunk.start_at < $3::timestamptz${edges === undefined ? '' : ` AND NOT ${isBetweenEdges('$5::float8[]')}`}`,
      [
        packedIds(seriesIds),
        new Date(from),
        new Date(to),
        isWithRest ? 1 : 0,
        ...(edges === undefined ? [] : [packedEdges(edges)]),
      ],
    );
    for await (const page of pages) yield* decoded(page, decodeChunkRow);
  }

  /**
   * Reads the sums of the chunks that contain no edge, in pages with one row for each series.
   *
   * @param filter the edges are whole milliseconds since the epoch in ascending order; chunks after the last edge have no sum
   */
  async *chunkSums({
    seriesIds,
    from,
    to,
    edges,
  }: Pick<Required<ChunkFilter>, 'seriesIds' | 'from' | 'to' | 'edges'>): AsyncGenerator<ChunkSumsRow[]> {
    const pages = this.read<PackedChunkSums>(
      `SELECT ${CHUNK_SUMS_COLUMNS}
       FROM (
         SELECT chunk.series_id, chunk.delta_sum, coalesce(chunk.delta_sum_low, 0) AS delta_sum_low,
                date_part('epoch', chunk.start_at) AS starts_at, date_part('epoch', chunk.end_at) AS ends_at,
                'NaN' = ANY(chunk."values") OR 0 > ANY(chunk."values") AS may_fall,
                ${isBetweenEdges('$4::float8[]')} AS is_between
         FROM ${this.schema}.sample_chunk AS chunk
         WHERE chunk.series_id = ANY($1::int[])
           AND chunk.end_at >= $2::timestamptz AND chunk.end_at < $3::timestamptz + ${LONGEST_CHUNK}
           AND chunk.start_at < $3::timestamptz
         OFFSET 0 -- Without this, Postgres would compute is_between again for each of the arrays.
       ) AS looked_at
       GROUP BY series_id`,
      [packedIds(seriesIds), new Date(from), new Date(to), packedEdges(edges)],
    );
    for await (const page of pages) yield* decoded(page, decodeChunkSums);
  }

  /** Reads the sums of the deltas in chunks that begin at a time or later, in pages with one row for each series. */
  async *deltaSumsSince(seriesIds: readonly number[], at: number): AsyncGenerator<DeltaSumsRow[]> {
    // The sums come as arrays, because a row for each chunk would mean a million objects for a thousand series and a few months.
    const pages = this.read<{ series_id: number; values: Buffer; lows: Buffer }>(
      `SELECT series_id, array_send(array_agg(delta_sum)) AS "values", array_send(array_agg(delta_sum_low)) AS lows
       FROM ${this.schema}.sample_chunk WHERE series_id = ANY($1::int[]) AND end_at >= $2 AND start_at >= $2 GROUP BY series_id`,
      [packedIds(seriesIds), new Date(at)],
    );
    for await (const page of pages) {
      yield page.map(({ series_id, values, lows }) => ({
        seriesId: series_id,
        sums: decodeFloat8Array(values),
        lows: decodeFloat8Array(lows),
      }));
    }
  }

  /** Returns the last sample of each series in chunks that end before a time. */
  async lastSamplesBefore(
    seriesIds: readonly number[],
    at: number,
  ): Promise<{ series_id: number; id: number | string; at: Date; value: number }[]> {
    const page = await this.statements.query(
      `SELECT wanted.series_id, last.id, last.end_at AS at, last.value
       FROM unnest($1::int[]) AS wanted (series_id)
       CROSS JOIN LATERAL (
         SELECT id, end_at, "values"[sample_count] AS value FROM ${this.schema}.sample_chunk
         WHERE series_id = wanted.series_id AND end_at < $2
         ORDER BY end_at DESC, id DESC LIMIT 1
       ) AS last
       -- Usually there are no chunks, because they come from an older version. Searching them for 10,000 series took 10 ms.
       WHERE EXISTS (SELECT FROM ${this.schema}.sample_chunk WHERE end_at < $2)`,
      [packedIds(seriesIds), new Date(at)],
    );
    return rowsOf(page);
  }

  private async *read<Packed>(select: string, values: readonly StatementValue[]): AsyncGenerator<Packed[]> {
    for await (const page of this.statements.pages(select, values, BYTES_PER_FETCH)) yield rowsOf<Packed>(page);
  }
}

/** Packs ids for Postgres. As text, fifty thousand ids would block the event loop for tens of milliseconds. */
function packedIds(seriesIds: readonly number[]): Buffer {
  return encodeInt4Array(new Int32Array(seriesIds));
}

function dateOf(timestamp: number | undefined): Date | null {
  return timestamp === undefined ? null : new Date(timestamp);
}
