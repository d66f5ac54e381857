import { Injectable } from '@nestjs/common';
import type { QueryRunner } from 'typeorm';
import { encodeFloat8Array, encodeInt4Array, encodeInt8Array } from '../../database/binary/packed-array.js';
import { DatabaseSchema } from '../../database/schema/database-schema.js';
import type { TrimmedRange } from '../archive/block/block-trimmer.js';
import { BLOCK_SETS, type BlockSet, type UnmergedBlockSet } from '../archive/chunk/chunk-partitions.js';
import {
  type BlockRow,
  blockRowColumns,
  decodeBlockRow,
  joinedHalves,
  type PackedBlockRow,
} from '../archive/stored-blocks/block-row.js';
import { isCurrent } from '../archive/turns/current-blocks-sql.js';
import type { BucketMembers } from '../archive/stored-blocks/bucket-members.js';

/** Finds the blocks that a correction changes. */
@Injectable()
export class CorrectedBlocksRepository {
  constructor(private readonly schema: DatabaseSchema) {}

  /**
   * Returns the blocks of a set that overlap a range and have a wanted member, without packed bytes. Merged blocks that are not
   * current are left out.
   *
   * @param limit maximum number of blocks
   * @param isLocking whether to lock the blocks, so that no other transaction takes removed series out of them in the meantime;
   * merged blocks are not locked, because they only change in turns, which hold the lock of the archive
   */
  async find(
    transaction: QueryRunner,
    table: BlockSet,
    { parameters }: BucketMembers,
    { from, to }: TrimmedRange,
    { limit, isLocking }: { readonly limit: number; readonly isLocking: boolean },
  ): Promise<BlockRow[]> {
    const isMerged = table === BLOCK_SETS.merged;
    // Because a block is no longer than a day, its end can be limited, which lets Postgres exclude partitions after the range.
    const rows: PackedBlockRow[] = await transaction.query(
      `SELECT ${blockRowColumns('block', 'NULL::bytea')}
       FROM unnest($1::int4[], $2::int4[], $3::int4[]) AS wanted (bucket, high, low)
       JOIN ${this.schema}.${table} AS block ON block.bucket = wanted.bucket
         AND block.members & ${joinedHalves('wanted.high', 'wanted.low')} <> 0
       WHERE block.end_at >= $4::timestamptz AND block.end_at < $5::timestamptz + interval '24 hours'
         AND block.start_at < $5::timestamptz ${isMerged ? `AND ${isCurrent('block', this.schema)}` : ''}
       ORDER BY block.bucket, block.end_at, block.id LIMIT $6 ${isLocking && !isMerged ? 'FOR UPDATE OF block' : ''}`,
      [...parameters, new Date(from), new Date(to), limit],
    );
    return rows.map(decodeBlockRow);
  }

  /** Returns the blocks with their packed bytes, in the same order. */
  async findPacked(
    transaction: QueryRunner,
    table: UnmergedBlockSet,
    blocks: readonly BlockRow[],
  ): Promise<BlockRow[]> {
    if (blocks.length === 0) return [];
    const rows: PackedBlockRow[] = await transaction.query(
      `SELECT ${blockRowColumns('block', 'block.packed')}
       FROM unnest($1::int4[], $2::float8[], $3::int8[]) WITH ORDINALITY AS wanted (bucket, end_ms, id, number)
       JOIN ${this.schema}.${table} AS block ON block.bucket = wanted.bucket AND block.id = wanted.id
         AND block.end_at = 'epoch'::timestamptz + wanted.end_ms * interval '1 millisecond'
       ORDER BY wanted.number`,
      [
        encodeInt4Array(Int32Array.from(blocks, ({ bucket }) => bucket)),
        encodeFloat8Array(Float64Array.from(blocks, ({ endAt }) => endAt)),
        encodeInt8Array(Float64Array.from(blocks, ({ id }) => id)),
      ],
    );
    return rows.map(decodeBlockRow);
  }
}
