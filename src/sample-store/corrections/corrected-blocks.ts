import { Injectable } from '@nestjs/common';
import type { ArchiveTransaction } from '../archive/archive.repository.js';
import { BlockTrimmer, type TrimmedMember } from '../archive/block/block-trimmer.js';
import { isEmptySet, withoutMembers } from '../archive/block/member-set.js';
import { BLOCK_SETS, type BlockSet } from '../archive/chunk/chunk-partitions.js';
import type { BlockRow } from '../archive/stored-blocks/block-row.js';
import { BucketMembers, seriesIdOf } from '../archive/stored-blocks/bucket-members.js';
import { ChangedBlocksRepository } from '../archive/stored-blocks/changed-blocks.repository.js';
import { CorrectedBlocksRepository } from './corrected-blocks.repository.js';
import type { CorrectionWork } from './correction-work.js';

/** Number of blocks whose packed bytes are in memory at the same time. Each may have a few hundred kilobytes. */
const BLOCKS_PER_ROUND_TRIP = 16;

interface Tools {
  readonly wanted: BucketMembers;
  readonly trimmer: BlockTrimmer;
  readonly work: CorrectionWork;
}

/** Takes samples out of blocks. */
@Injectable()
export class CorrectedBlocks {
  constructor(
    private readonly repository: CorrectedBlocksRepository,
    private readonly changed: ChangedBlocksRepository,
  ) {}

  /** Deletes the samples that a correction selects from all blocks, or counts them in a dry run. */
  async remove(transaction: ArchiveTransaction, work: CorrectionWork): Promise<void> {
    const wanted = new BucketMembers(work.seriesIds);
    const trimmer = new BlockTrimmer();
    for (const table of Object.values(BLOCK_SETS)) {
      const blocks = await this.repository.find(transaction, table, wanted, work.range, {
        limit: work.roomForBlocks + 1,
        isLocking: !work.isDryRun,
      });
      work.noteExamined(blocks.length);
      const opened: BlockRow[] = [];
      for (const block of blocks) {
        await work.giveTurn();
        const plan = trimmer.plan(block, wanted.of(block.bucket), work.range);
        if (isEmptySet(plan.cut) && isEmptySet(plan.covered)) continue;
        // If no member is cut, the directory tells how many samples are removed. That is enough for a dry run, or if the whole
        // block is deleted.
        const isEmptied = isEmptySet(withoutMembers(block.members, plan.covered));
        if (isEmptySet(plan.cut) && (work.isDryRun || isEmptied)) {
          this.count(block, trimmer.removedBy(block, plan), work);
          if (!work.isDryRun) await this.changed.replace(transaction, table, block, null);
          continue;
        }
        opened.push(block);
      }
      for (let first = 0; first < opened.length; first += BLOCKS_PER_ROUND_TRIP) {
        await this.trim(transaction, table, opened.slice(first, first + BLOCKS_PER_ROUND_TRIP), {
          wanted,
          trimmer,
          work,
        });
      }
    }
  }

  private async trim(
    transaction: ArchiveTransaction,
    table: BlockSet,
    blocks: readonly BlockRow[],
    { wanted, trimmer, work }: Tools,
  ): Promise<void> {
    for (const block of await this.repository.findPacked(transaction, table, blocks)) {
      await work.giveTurn();
      const plan = trimmer.plan(block, wanted.of(block.bucket), work.range);
      const { removed, kept } = trimmer.trim({ ...block, packed: block.packed! }, plan, work.range);
      if (removed.length === 0) continue;
      this.count(block, removed, work);
      if (!work.isDryRun) await this.changed.replace(transaction, table, block, kept);
    }
  }

  private count(block: BlockRow, removed: readonly TrimmedMember[], work: CorrectionWork): void {
    work.blocks++;
    for (const { member, sampleCount, deltaSum } of removed) {
      work.removed.addCompacted(seriesIdOf(block.bucket, member), sampleCount, deltaSum);
    }
  }
}
