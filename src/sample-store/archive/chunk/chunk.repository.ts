import { Injectable } from '@nestjs/common';
import { type ChunkRow, chunkRowColumns, decodeChunkRow, type PackedChunkRow } from './chunk-row.js';
import type { ChunkSet, TimeSpan } from './chunk-partitions.js';
import { encodeFloat8Array, encodeInt4Array } from '../../../database/binary/packed-array.js';
import type { ArchiveTransaction } from '../archive.repository.js';
import type { ChunkColumns } from './chunk-columns.js';
import { DatabaseSchema } from '../../../database/schema/database-schema.js';

/** Maximum number of series that one merge examines. */
const MAX_SERIES_PER_MERGE = 10_000;

/** Maximum number of buckets that one repacking examines. A series has up to a few hundred chunks before they are merged. */
const MAX_BUCKETS_PER_REPACKING = 16;

/** A merged chunk with at most this many samples is rewritten even for a single late sample, because it has only about 3 kB. */
const SMALL_CHUNK_SAMPLES = 256;

/** Writes chunks, and removes those that are to be merged or repacked. */
@Injectable()
export class ChunkRepository {
  constructor(private readonly schema: DatabaseSchema) {}

  /**
   * Writes all chunks in one statement. The samples of all chunks are sent as two arrays, which Postgres slices. Slicing is
   * cheap, because Postgres only copies bytes if the array has no NULLs.
   *
   * @param isMerged returns whether a chunk whose last sample has this time is stored with the merged ones
   */
  async insert(
    transaction: ArchiveTransaction,
    chunks: ChunkColumns,
    isMerged: (endAt: number) => boolean,
  ): Promise<void> {
    const firsts = new Int32Array(chunks.seriesIds.length);
    for (let index = 1; index < firsts.length; index++) {
      firsts[index] = firsts[index - 1]! + chunks.sampleCounts[index - 1]!;
    }
    await transaction.query(
      `INSERT INTO ${this.schema}.sample_chunk
         (series_id, start_at, end_at, delta_sum, delta_sum_low, sample_count, is_merged, offsets_ms, "values")
       SELECT series_id,
              'epoch'::timestamptz + start_ms * interval '1 millisecond',
              'epoch'::timestamptz + end_ms * interval '1 millisecond',
              nullif(delta_sum, 'NaN'), nullif(delta_sum_low, 'NaN'), sample_count, is_merged <> 0,
              ($9::int4[])[first + 1 : first + sample_count], ($10::float8[])[first + 1 : first + sample_count]
       FROM unnest($1::int4[], $2::float8[], $3::float8[], $4::float8[], $5::float8[], $6::int4[], $7::int4[], $8::int4[])
         AS chunk (series_id, start_ms, end_ms, delta_sum, delta_sum_low, sample_count, first, is_merged)`,
      [
        encodeInt4Array(chunks.seriesIds),
        encodeFloat8Array(chunks.startsAt),
        encodeFloat8Array(chunks.endsAt),
        encodeFloat8Array(chunks.deltaSums),
        encodeFloat8Array(chunks.deltaSumLows),
        encodeInt4Array(chunks.sampleCounts),
        encodeInt4Array(firsts),
        encodeInt4Array(Int32Array.from(chunks.endsAt, (endAt) => (isMerged(endAt) ? 1 : 0))),
        encodeInt4Array(chunks.offsetsMs),
        encodeFloat8Array(chunks.values),
      ],
    );
  }

  /**
   * Deletes and returns the chunks of a closed period that are to be merged: the fresh chunks of the series with the lowest ids,
   * and merged chunks of the same series. A merged chunk is left out if it is full, or if it is not small and has more samples
   * than the fresh ones together, because a few late samples must not cause a large chunk to be rewritten.
   *
   * @param fromSeriesId the lowest series id to consider; series below it are done
   * @param maxSamples the approximate limit of samples; at least one chunk is taken
   * @param fullChunk the number of samples of a full chunk
   */
  async takeForMerge(
    transaction: ArchiveTransaction,
    { from, to }: TimeSpan,
    fromSeriesId: number,
    maxSamples: number,
    fullChunk: number,
  ): Promise<ChunkRow[]> {
    const [rows]: [PackedChunkRow[], number] = await transaction.query(
      `WITH waiting AS (
         SELECT series_id, sum(sample_count) AS samples,
                sum(sum(sample_count)) OVER (ORDER BY series_id) - sum(sample_count) AS samples_before
         FROM ${this.schema}.sample_chunk
         WHERE NOT is_merged AND end_at >= $1 AND end_at < $2 AND series_id >= $3
         GROUP BY series_id ORDER BY series_id LIMIT ${MAX_SERIES_PER_MERGE}
       ), candidate AS (
         SELECT chunk.series_id, chunk.end_at, chunk.id, chunk.is_merged,
                sum(sample_count) OVER (ORDER BY chunk.series_id, chunk.end_at, chunk.id) - sample_count AS samples_before
         FROM ${this.schema}.sample_chunk AS chunk
         JOIN waiting ON waiting.series_id = chunk.series_id AND waiting.samples_before < $4
         WHERE chunk.end_at >= $1 AND chunk.end_at < $2
           AND (NOT chunk.is_merged
             OR (sample_count < $5 AND sample_count <= greatest(waiting.samples, ${SMALL_CHUNK_SAMPLES})))
       )
       DELETE FROM ${this.schema}.sample_chunk AS chunk USING candidate
       WHERE candidate.samples_before < $4
         AND chunk.series_id = candidate.series_id AND chunk.end_at = candidate.end_at
         AND chunk.id = candidate.id AND chunk.is_merged = candidate.is_merged
         AND chunk.end_at >= $1 AND chunk.end_at < $2
       RETURNING ${chunkRowColumns('chunk')}`,
      [new Date(from), new Date(to), fromSeriesId, maxSamples, fullChunk],
    );
    return rows.map(decodeChunkRow);
  }

  /**
   * Deletes and returns chunks that are to become blocks, in the order of their buckets and ids, beginning with the lowest
   * buckets. The remaining chunks of a bucket have larger ids, so that their samples still count as the later ones.
   *
   * @param fromBucket the lowest bucket to consider; buckets below it are done
   * @param maxSamples the approximate limit of samples; at least one chunk is taken
   */
  async takeForRepacking(
    transaction: ArchiveTransaction,
    set: ChunkSet,
    { from, to }: TimeSpan,
    fromBucket: number,
    maxSamples: number,
  ): Promise<ChunkRow[]> {
    const [rows]: [PackedChunkRow[], number] = await transaction.query(
      `WITH candidate AS (
         SELECT series_id, end_at, id, sum(sample_count) OVER (ORDER BY series_id >> 6, id) - sample_count AS samples_before
         FROM ${this.schema}.${set}
         WHERE end_at >= $1 AND end_at < $2 AND series_id >= $3::int * 64 AND series_id >> 6 < ${MAX_BUCKETS_PER_REPACKING} + (
           SELECT min(series_id) >> 6 FROM ${this.schema}.${set}
           WHERE end_at >= $1 AND end_at < $2 AND series_id >= $3::int * 64)
       )
       DELETE FROM ${this.schema}.${set} AS chunk USING candidate
       WHERE candidate.samples_before < $4 AND chunk.end_at >= $1 AND chunk.end_at < $2
         AND chunk.series_id = candidate.series_id AND chunk.end_at = candidate.end_at AND chunk.id = candidate.id
       RETURNING ${chunkRowColumns('chunk')}`,
      [new Date(from), new Date(to), fromBucket, maxSamples],
    );
    return rows.map(decodeChunkRow).toSorted((a, b) => (a.seriesId >> 6) - (b.seriesId >> 6) || a.id - b.id);
  }
}
