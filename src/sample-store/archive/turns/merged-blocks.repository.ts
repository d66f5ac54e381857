import { Injectable } from '@nestjs/common';
import type { QueryRunner } from 'typeorm';
import { encodeFloat8Array, encodeInt4Array, encodeInt8Array } from '../../../database/binary/packed-array.js';
import { DatabaseSchema } from '../../../database/schema/database-schema.js';
import type { TimeSpan } from '../chunk/chunk-partitions.js';
import { type BlockRow, blockRowColumns, decodeBlockRow, type PackedBlockRow } from '../stored-blocks/block-row.js';
import { isCurrentAt } from './current-blocks-sql.js';
import type { MergedKey } from './merged-rows.js';
import type { BlockSize } from './small-blocks.js';
import type { MergeState } from './turns.repository.js';

/** Finds current merged blocks, for work that replaces them. */
@Injectable()
export class MergedBlocksRepository {
  constructor(private readonly schema: DatabaseSchema) {}

  /** Returns the keys and sizes of the blocks of some buckets that end in a time span. */
  async findSizes(
    transaction: QueryRunner,
    { counted }: MergeState,
    { from, to }: TimeSpan,
    buckets: Iterable<number>,
  ): Promise<BlockSize[]> {
    const rows: { bucket: number; end_at: Date; id: string; sample_count: number }[] = await transaction.query(
      `SELECT bucket, end_at, id, sample_count FROM ${this.schema}.sample_block_merged AS block
       WHERE bucket = ANY($1::int4[]) AND end_at >= $2 AND end_at < $3
         AND ${isCurrentAt('block', '$4::int8multirange')}`,
      [encodeInt4Array(Int32Array.from(buckets)), new Date(from), new Date(to), counted],
    );
    return rows.map(({ bucket, end_at, id, sample_count }) => ({
      bucket,
      endAt: end_at.getTime(),
      id: Number(id),
      sampleCount: sample_count,
    }));
  }

  /** Returns blocks with their packed bytes, in the same order. */
  async findPacked(
    transaction: QueryRunner,
    { counted }: MergeState,
    blocks: readonly MergedKey[],
  ): Promise<BlockRow[]> {
    if (blocks.length === 0) return [];
    const ends = Float64Array.from(blocks, ({ endAt }) => endAt);
    const rows: PackedBlockRow[] = await transaction.query(
      `SELECT ${blockRowColumns('block', 'block.packed')}
       FROM unnest($1::int4[], $2::float8[], $3::int8[]) WITH ORDINALITY AS wanted (bucket, end_ms, id, number)
       JOIN ${this.schema}.sample_block_merged AS block ON block.bucket = wanted.bucket AND block.id = wanted.id
         AND block.end_at = 'epoch'::timestamptz + wanted.end_ms * interval '1 millisecond'
       WHERE block.bucket = ANY($1::int4[]) AND block.end_at BETWEEN $4::timestamptz AND $5::timestamptz
         AND ${isCurrentAt('block', '$6::int8multirange')}
       ORDER BY wanted.number`,
      [
        encodeInt4Array(Int32Array.from(blocks, ({ bucket }) => bucket)),
        encodeFloat8Array(ends),
        encodeInt8Array(Float64Array.from(blocks, ({ id }) => id)),
        new Date(Math.min(...ends)),
        new Date(Math.max(...ends)),
        counted,
      ],
    );
    return rows.map(decodeBlockRow);
  }
}
