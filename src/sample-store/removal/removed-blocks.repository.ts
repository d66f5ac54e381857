import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { DatabaseSchema } from '../../database/schema/database-schema.js';
import { spliceBlock } from '../archive/block/block-splicer.js';
import {
  type BlockRow,
  blockRowColumns,
  decodeBlockRow,
  joinedHalves,
  type PackedBlockRow,
} from '../archive/stored-blocks/block-row.js';
import { BLOCK_SETS, type BlockSet } from '../archive/chunk/chunk-partitions.js';
import { ChangedBlocksRepository } from '../archive/stored-blocks/changed-blocks.repository.js';
import { BucketMembers } from '../archive/stored-blocks/bucket-members.js';

/** Number of blocks that one transaction changes. Each may have a few hundred kilobytes. */
const BLOCKS_PER_STATEMENT = 16;

/**
 * Takes the samples of deleted series out of blocks. A block also holds the samples of other series, so its row is rewritten
 * unless all of its series are deleted.
 */
@Injectable()
export class RemovedBlocksRepository {
  constructor(
    private readonly schema: DatabaseSchema,
    private readonly changed: ChangedBlocksRepository,
  ) {}

  /** Returns an SQL condition that is true if a block has a sample of the series of the row `series`. */
  hasSamples(): string {
    return `EXISTS (SELECT FROM ${this.schema}.sample_block AS block
                    WHERE block.bucket = series.id >> 6 AND (block.members >> (series.id & 63)) & 1 = 1)`;
  }

  /**
   * Takes the samples of series out of the next blocks. Series that are not deleted are left alone, because after a failover the
   * ids may belong to other series.
   *
   * @returns whether there may be more blocks that have these series
   */
  async deleteSome(manager: EntityManager, seriesIds: readonly number[]): Promise<boolean> {
    const deleted: { id: number }[] = await manager.query(
      `SELECT id FROM ${this.schema}.series WHERE id = ANY($1::int[]) AND deleted_at IS NOT NULL`,
      [seriesIds],
    );
    const removed = new BucketMembers(deleted.map(({ id }) => id));
    for (const table of Object.values(BLOCK_SETS)) {
      const rows: PackedBlockRow[] = await manager.query(
        `SELECT ${blockRowColumns('block', 'block.packed')}
         FROM unnest($1::int4[], $2::int4[], $3::int4[]) AS removed (bucket, high, low)
         JOIN ${this.schema}.${table} AS block ON block.bucket = removed.bucket
           AND block.members & ${joinedHalves('removed.high', 'removed.low')} <> 0
         ORDER BY block.bucket, block.end_at, block.id LIMIT ${BLOCKS_PER_STATEMENT} FOR UPDATE OF block`,
        removed.parameters,
      );
      for (const row of rows) await this.removeFrom(manager, table, decodeBlockRow(row), removed);
      if (rows.length > 0) return true;
    }
    return false;
  }

  private async removeFrom(
    manager: EntityManager,
    table: BlockSet,
    block: BlockRow,
    removed: BucketMembers,
  ): Promise<void> {
    const spliced = spliceBlock({ ...block, packed: block.packed! }, removed.of(block.bucket));
    await this.changed.replace(manager, table, block, spliced && { ...spliced, startAt: block.startAt });
  }
}
