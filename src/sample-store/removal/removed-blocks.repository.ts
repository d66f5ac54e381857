import { Injectable } from '@nestjs/common';
import type { EntityManager, QueryRunner } from 'typeorm';
import { DatabaseSchema } from '../../database/schema/database-schema.js';
import { ArchiveRepository } from '../archive/archive.repository.js';
import { spliceBlock } from '../archive/block/block-splicer.js';
import {
  type BlockRow,
  blockRowColumns,
  decodeBlockRow,
  halvesOf,
  joinedHalves,
  memberSetOf,
  type PackedBlockRow,
} from '../archive/stored-blocks/block-row.js';
import { BLOCK_SETS, type BlockSet } from '../archive/chunk/chunk-partitions.js';
import { type ChangedBlock, ChangedBlocksRepository } from '../archive/stored-blocks/changed-blocks.repository.js';
import { unmergedBlocks } from '../archive/turns/block-sets-sql.js';
import { isCurrent } from '../archive/turns/current-blocks-sql.js';
import { MergeTurns } from '../archive/turns/merge-turns.js';
import { BucketMembers, bucketOf, memberOf } from '../archive/stored-blocks/bucket-members.js';
import { hasMember } from '../archive/block/member-set.js';

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
    private readonly archive: ArchiveRepository,
    private readonly turns: MergeTurns,
  ) {}

  /** Returns an SQL condition that is true if a fresh or waiting block has a sample of the series of the row `series`. */
  hasUnmergedSamples(): string {
    return `EXISTS (SELECT FROM ${unmergedBlocks(this.schema, 'bucket, members')} AS block
                    WHERE block.bucket = series.id >> 6 AND (block.members >> (series.id & 63)) & 1 = 1)`;
  }

  /** Returns those of the series that have no sample in a merged block. */
  async withoutMergedSamples(manager: EntityManager, seriesIds: readonly number[]): Promise<number[]> {
    const asked = new BucketMembers(seriesIds);
    const rows: { bucket: number; members_high: number; members_low: number }[] = await manager.query(
      `SELECT bucket, ${halvesOf('members', 'members')} FROM (
         SELECT block.bucket, bit_or(block.members) AS members
         FROM unnest($1::int4[], $2::int4[], $3::int4[]) AS asked (bucket, high, low)
         JOIN ${this.schema}.sample_block_merged AS block ON block.bucket = asked.bucket
           AND block.members & ${joinedHalves('asked.high', 'asked.low')} <> 0
         WHERE block.bucket = ANY($1::int4[]) AND ${isCurrent('block', this.schema)}
         GROUP BY block.bucket
       ) AS stored`,
      asked.parameters,
    );
    const stored = new Map(
      rows.map(({ bucket, members_high, members_low }) => [bucket, memberSetOf(members_high, members_low)]),
    );
    return seriesIds.filter((id) => {
      const members = stored.get(bucketOf(id));
      return members === undefined || !hasMember(members, memberOf(id));
    });
  }

  /**
   * Takes the samples of series out of the next fresh and waiting blocks. Series that are not deleted are left alone, because after a failover
   * the ids may belong to other series.
   *
   * @returns whether there may be more blocks that have these series
   */
  async deleteSome(manager: EntityManager, seriesIds: readonly number[]): Promise<boolean> {
    const removed = await this.findRemoved(manager, seriesIds);
    for (const table of [BLOCK_SETS.fresh, BLOCK_SETS.waiting]) {
      const rows = await this.findSome(manager, table, removed, 'FOR UPDATE OF block');
      for (const block of rows) {
        await this.changed.replace(manager, table, block, splicedOf(block, removed));
      }
      if (rows.length > 0) return true;
    }
    return false;
  }

  /**
   * Does the same for merged blocks, in a turn. It waits for the lock of the archive.
   *
   * @returns undefined if the lock was not free in time, or if no turn can be taken now
   */
  deleteSomeMerged(seriesIds: readonly number[]): Promise<boolean | undefined> {
    return this.archive.withLockSoon(async (transaction) => {
      const state = await this.turns.findStateToTake(transaction);
      if (state === undefined) return undefined;
      const removed = await this.findRemoved(transaction, seriesIds);
      const rows = await this.findSome(
        transaction,
        BLOCK_SETS.merged,
        removed,
        '',
        `AND ${isCurrent('block', this.schema)}`,
      );
      if (rows.length === 0) return false;
      const changes = rows.map((block) => ({ block, changed: splicedOf(block, removed) }));
      await this.turns.take(transaction, (turn) => turn.change(changes));
      return true;
    });
  }

  private async findRemoved(
    manager: EntityManager | QueryRunner,
    seriesIds: readonly number[],
  ): Promise<BucketMembers> {
    const deleted: { id: number }[] = await manager.query(
      `SELECT id FROM ${this.schema}.series WHERE id = ANY($1::int[]) AND deleted_at IS NOT NULL`,
      [seriesIds],
    );
    return new BucketMembers(deleted.map(({ id }) => id));
  }

  /** Returns the first blocks of a table that have one of the removed series. */
  private async findSome(
    manager: EntityManager | QueryRunner,
    table: BlockSet,
    removed: BucketMembers,
    locking: string,
    condition = '',
  ): Promise<BlockRow[]> {
    const rows: PackedBlockRow[] = await manager.query(
      `SELECT ${blockRowColumns('block', 'block.packed')}
       FROM unnest($1::int4[], $2::int4[], $3::int4[]) AS removed (bucket, high, low)
       JOIN ${this.schema}.${table} AS block ON block.bucket = removed.bucket
         AND block.members & ${joinedHalves('removed.high', 'removed.low')} <> 0 ${condition}
       ORDER BY block.bucket, block.end_at, block.id LIMIT ${BLOCKS_PER_STATEMENT} ${locking}`,
      removed.parameters,
    );
    return rows.map(decodeBlockRow);
  }
}

/** @returns what is left of a block; null if nothing is */
function splicedOf(block: BlockRow, removed: BucketMembers): ChangedBlock | null {
  const spliced = spliceBlock({ ...block, packed: block.packed! }, removed.of(block.bucket));
  return spliced && { ...spliced, startAt: block.startAt };
}
