import { Injectable } from '@nestjs/common';
import type { QueryRunner } from 'typeorm';
import { encodeFloat8Array, encodeInt4Array } from '../../database/binary/packed-array.js';
import { DatabaseSchema } from '../../database/schema/database-schema.js';
import type { TrimmedRange } from '../archive/block/block-trimmer.js';
import { type ChunkRow, chunkRowColumns, decodeChunkRow, type PackedChunkRow } from '../archive/chunk/chunk-row.js';

/** A stored chunk with those columns of its key that {@link ChunkRow} does not have. */
export interface KeyedChunk extends ChunkRow {
  readonly endAt: number;
  readonly isMerged: boolean;
}

/** The key of a chunk. */
export interface ChunkKey {
  readonly seriesId: number;
  readonly endAt: number;
  readonly id: number;
}

/** Finds the chunks that a correction changes, and replaces them. */
@Injectable()
export class CorrectedChunksRepository {
  constructor(private readonly schema: DatabaseSchema) {}

  /** Returns the keys of the chunks of some series that overlap a range. */
  async find(
    transaction: QueryRunner,
    seriesIds: Int32Array,
    { from, to }: TrimmedRange,
    limit: number,
  ): Promise<ChunkKey[]> {
    // Because a chunk is no longer than a day, its end can be limited, which lets Postgres exclude partitions after the range.
    const rows: { series_id: number; end_at: Date; id: string }[] = await transaction.query(
      `SELECT series_id, end_at, id FROM ${this.schema}.sample_chunk
       WHERE series_id = ANY($1::int4[]) AND end_at >= $2::timestamptz AND end_at < $3::timestamptz + interval '24 hours'
         AND start_at < $3::timestamptz
       ORDER BY series_id, end_at, id LIMIT $4`,
      [encodeInt4Array(seriesIds), new Date(from), new Date(to), limit],
    );
    return rows.map(({ series_id, end_at, id }) => ({ seriesId: series_id, endAt: end_at.getTime(), id: Number(id) }));
  }

  /** Returns a chunk with all of its samples; undefined if it has been deleted in the meantime. */
  async read(transaction: QueryRunner, { seriesId, endAt, id }: ChunkKey): Promise<KeyedChunk | undefined> {
    const rows: (PackedChunkRow & { is_merged: boolean })[] = await transaction.query(
      `SELECT ${chunkRowColumns('chunk')}, chunk.is_merged FROM ${this.schema}.sample_chunk AS chunk
       WHERE series_id = $1 AND end_at = $2 AND id = $3`,
      [seriesId, new Date(endAt), id],
    );
    return rows[0] && { ...decodeChunkRow(rows[0]), endAt, isMerged: rows[0].is_merged };
  }

  async delete(transaction: QueryRunner, { seriesId, endAt, id }: ChunkKey): Promise<void> {
    await transaction.query(
      `DELETE FROM ${this.schema}.sample_chunk WHERE series_id = $1 AND end_at = $2 AND id = $3`,
      [seriesId, new Date(endAt), id],
    );
  }

  /** Writes a chunk under the id of the one that it replaces, because ids decide the order of samples with equal times. */
  async insert(transaction: QueryRunner, chunk: KeyedChunk): Promise<void> {
    await transaction.query(
      `INSERT INTO ${this.schema}.sample_chunk
         (series_id, id, start_at, end_at, is_merged, sample_count, offsets_ms, "values", delta_sum, delta_sum_low)
       VALUES ($1, $2, $3, $4, $5, $6, $7::int4[], $8::float8[], $9, $10)`,
      [
        chunk.seriesId,
        chunk.id,
        new Date(chunk.startAt),
        new Date(chunk.endAt),
        chunk.isMerged,
        chunk.values.length,
        encodeInt4Array(chunk.offsetsMs),
        encodeFloat8Array(chunk.values),
        chunk.deltaSum,
        chunk.deltaSumLow,
      ],
    );
  }
}
