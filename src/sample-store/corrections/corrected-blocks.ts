import { Injectable } from '@nestjs/common';
import { StoreUnavailableError } from '../../database/store-unavailable.error.js';
import type { ArchiveTransaction } from '../archive/archive.repository.js';
import { BlockTrimmer, type TrimmedMember } from '../archive/block/block-trimmer.js';
import { isEmptySet, withoutMembers } from '../archive/block/member-set.js';
import { BLOCK_SETS, type BlockSet } from '../archive/chunk/chunk-partitions.js';
import type { BlockRow } from '../archive/stored-blocks/block-row.js';
import { BucketMembers, seriesIdOf } from '../archive/stored-blocks/bucket-members.js';
import { type ChangedBlock, ChangedBlocksRepository } from '../archive/stored-blocks/changed-blocks.repository.js';
import { MergedBlocksRepository } from '../archive/turns/merged-blocks.repository.js';
import { MergeTurns } from '../archive/turns/merge-turns.js';
import { CorrectedBlocksRepository } from './corrected-blocks.repository.js';
import type { CorrectionWork } from './correction-work.js';

/** Number of blocks whose packed bytes are in memory at the same time. Each may have a few hundred kilobytes. */
const BLOCKS_PER_ROUND_TRIP = 16;

interface Tools {
  readonly wanted: BucketMembers;
  readonly trimmer: BlockTrimmer;
  readonly work: CorrectionWork;
}

/** A block, and the content that is left of it. */
interface TrimmedRow {
  readonly block: BlockRow;
  /** null to delete the block */
  readonly changed: ChangedBlock | null;
}

/** Takes samples out of blocks. */
@Injectable()
export class CorrectedBlocks {
  constructor(
    private readonly repository: CorrectedBlocksRepository,
    private readonly changed: ChangedBlocksRepository,
    private readonly mergedBlocks: MergedBlocksRepository,
    private readonly turns: MergeTurns,
  ) {}

  /** Deletes the samples that a correction selects from all blocks, or counts them in a dry run. */
  async remove(transaction: ArchiveTransaction, work: CorrectionWork): Promise<void> {
    const tools = { wanted: new BucketMembers(work.seriesIds), trimmer: new BlockTrimmer(), work };
    for (const table of [BLOCK_SETS.fresh, BLOCK_SETS.waiting]) {
      const blocks = await this.find(transaction, table, tools);
      const findPacked = (some: readonly BlockRow[]) => this.repository.findPacked(transaction, table, some);
      for await (const rows of trimAll(blocks, findPacked, tools)) {
        if (work.isDryRun) continue;
        for (const { block, changed } of rows) await this.changed.replace(transaction, table, block, changed);
      }
    }
    await this.removeFromMerged(transaction, tools);
  }

  private async removeFromMerged(transaction: ArchiveTransaction, tools: Tools): Promise<void> {
    const blocks = await this.find(transaction, BLOCK_SETS.merged, tools);
    if (blocks.length === 0) return;
    const state = await this.turns.findState(transaction);
    if (state === undefined) {
      throw new StoreUnavailableError('The archive is busy, so nothing was deleted. Try again after Retry-After.', 5);
    }
    const findPacked = (some: readonly BlockRow[]) => this.mergedBlocks.findPacked(transaction, state, some);
    const trimmed = trimAll(blocks, findPacked, tools);
    if (tools.work.isDryRun) {
      for await (const _ of trimmed);
      return;
    }
    await this.turns.take(transaction, async (turn) => {
      for await (const rows of trimmed) await turn.change(rows);
    });
  }

  private async find(transaction: ArchiveTransaction, table: BlockSet, { wanted, work }: Tools): Promise<BlockRow[]> {
    const blocks = await this.repository.find(transaction, table, wanted, work.range, {
      limit: work.roomForBlocks + 1,
      isLocking: !work.isDryRun,
    });
    work.noteExamined(blocks.length);
    return blocks;
  }
}

/**
 * Trims blocks, and counts the samples that are removed. A dry run reads packed bytes only if it can't count without them.
 *
 * @param findPacked returns some of the blocks with their packed bytes
 * @returns the blocks that change, a few at a time
 */
async function* trimAll(
  blocks: readonly BlockRow[],
  findPacked: (blocks: readonly BlockRow[]) => Promise<BlockRow[]>,
  tools: Tools,
): AsyncGenerator<TrimmedRow[]> {
  const { wanted, trimmer, work } = tools;
  const opened: BlockRow[] = [];
  for (const block of blocks) {
    await work.giveTurn();
    const plan = trimmer.plan(block, wanted.of(block.bucket), work.range);
    if (isEmptySet(plan.cut) && isEmptySet(plan.covered)) continue;
    // If no member is cut, the directory tells how many samples are removed. That is enough for a dry run, or if the whole
    // block is deleted.
    const isEmptied = isEmptySet(withoutMembers(block.members, plan.covered));
    if (isEmptySet(plan.cut) && (work.isDryRun || isEmptied)) {
      count(block, trimmer.removedBy(block, plan), work);
      yield [{ block, changed: null }];
      continue;
    }
    opened.push(block);
  }
  for (let first = 0; first < opened.length; first += BLOCKS_PER_ROUND_TRIP) {
    const packed = await findPacked(opened.slice(first, first + BLOCKS_PER_ROUND_TRIP));
    yield await trim(packed, tools);
  }
}

async function trim(blocks: readonly BlockRow[], { wanted, trimmer, work }: Tools): Promise<TrimmedRow[]> {
  const trimmed: TrimmedRow[] = [];
  for (const block of blocks) {
    await work.giveTurn();
    const plan = trimmer.plan(block, wanted.of(block.bucket), work.range);
    const { removed, kept } = trimmer.trim({ ...block, packed: block.packed! }, plan, work.range);
    if (removed.length === 0) continue;
    count(block, removed, work);
    trimmed.push({ block, changed: kept });
  }
  return trimmed;
}

function count(block: BlockRow, removed: readonly TrimmedMember[], work: CorrectionWork): void {
  work.blocks++;
  for (const { member, sampleCount, deltaSum } of removed) {
    work.removed.addCompacted(seriesIdOf(block.bucket, member), sampleCount, deltaSum);
  }
}
