import { Inject, Injectable } from '@nestjs/common';
import { CUSTOM_METRICS_OPTIONS, type CustomMetricsOptions } from '../../custom-metrics.options.js';
import { DAY_MS } from '../../scheduling/units-of-time.js';
import { Turns } from '../../scheduling/turns.js';
import { ArchiveRepository, type ArchiveTransaction } from './archive.repository.js';
import { BlockDecoder } from './block/block-decoder.js';
import { membersOf, placeOfMember } from './block/member-set.js';
import { BLOCK_SETS, type Partition, secondsOf, type UnmergedBlockSet } from './chunk/chunk-partitions.js';
import { emptySamples, groupBySeries, type LooseSamples } from './grouped-samples.js';
import type { BlockRow } from './stored-blocks/block-row.js';
import { BlockRepository, type BlockToMerge } from './stored-blocks/block.repository.js';
import { seriesIdOf } from './stored-blocks/bucket-members.js';
import { cutInTurns, type NewBlock } from './stored-blocks/cut-blocks.js';
import { MergedBlocksRepository } from './turns/merged-blocks.repository.js';
import { MergeTurns } from './turns/merge-turns.js';
import { smallBlocksOf } from './turns/small-blocks.js';
import type { MergeState } from './turns/turns.repository.js';
import { waitingPartitionMs } from './stored-blocks/waiting-period.js';

/** Number of samples that one transaction merges, which takes Postgres and this process a few hundred milliseconds. */
const SAMPLES_PER_MERGE = 500_000;

/**
 * Merges the small blocks that the compaction creates every half minute into large ones, usually one for each bucket, once their
 * period is closed. Late samples of a period that was merged before are merged when the next period is closed.
 *
 * Merged blocks of slow series, which have few samples in a period, are still small. They wait in a set of their own until
 * several periods have ended, and are then merged again. The partitions of that set are dropped afterwards, so that no dead rows
 * stay in a partition that is kept.
 */
@Injectable()
export class BlockMerge {
  private readonly waitingMs: number | undefined;

  constructor(
    private readonly archive: ArchiveRepository,
    private readonly blocks: BlockRepository,
    private readonly mergedBlocks: MergedBlocksRepository,
    private readonly turns: MergeTurns,
    @Inject(CUSTOM_METRICS_OPTIONS) options: CustomMetricsOptions,
  ) {
    this.waitingMs = waitingPartitionMs(options.archive);
  }

  /**
   * Merges the next blocks of a partition of fresh or waiting blocks.
   *
   * @param fromBucket the result of the previous step, or 0
   * @param mergedMs the length of a partition of merged blocks
   * @returns the bucket to continue from; null if no blocks are left to merge; undefined if another process has the lock, or if
   * no turn can be taken now
   */
  async mergeOnce(
    set: UnmergedBlockSet,
    partition: Partition,
    fromBucket: number,
    mergedMs: number,
  ): Promise<number | null | undefined> {
    return this.archive.withLock(async (transaction) => {
      const state = await this.turns.findStateToTake(transaction);
      if (state === undefined) return undefined;
      const taken = await this.blocks.takeForMerge(transaction, set, partition, fromBucket, SAMPLES_PER_MERGE);
      if (taken.length === 0) return null;
      const { waitingMs } = this;
      if (set === BLOCK_SETS.waiting || waitingMs === undefined) {
        await this.mergeIntoMerged(transaction, state, partition, taken, mergedMs);
      } else {
        const toWait = await this.bucketsToWait(transaction, partition, taken);
        const [waiting, others] = [true, false].map((waits) =>
          taken.filter(({ bucket }) => toWait.has(bucket) === waits),
        );
        await this.mergeIntoWaiting(transaction, partition, waiting!, waitingMs);
        await this.mergeIntoMerged(transaction, state, partition, others!, mergedMs);
      }
      return taken.at(-1)!.bucket;
    });
  }

  /**
   * Returns the buckets whose merged blocks have to wait: those of slow series, and those that already have waiting blocks of the
   * same period. When waiting blocks are merged again, they may get a larger id. If samples that arrived after them did not wait
   * as well, those samples would keep a smaller id and would count as the earlier ones.
   */
  private async bucketsToWait(
    transaction: ArchiveTransaction,
    partition: Partition,
    taken: readonly BlockToMerge[],
  ): Promise<ReadonlySet<number>> {
    const slow = new Set(taken.filter(({ isSlow }) => isSlow).map(({ bucket }) => bucket));
    const others = new Set(taken.filter(({ isSlow }) => !isSlow).map(({ bucket }) => bucket));
    for (const bucket of await this.blocks.findBuckets(transaction, BLOCK_SETS.waiting, partition, others)) {
      slow.add(bucket);
    }
    return slow;
  }

  /** Merges blocks that were taken from the fresh ones, together with small waiting blocks of the same period. */
  private async mergeIntoWaiting(
    transaction: ArchiveTransaction,
    partition: Partition,
    taken: readonly BlockToMerge[],
    partitionMs: number,
  ): Promise<void> {
    if (taken.length === 0) return;
    const small = await this.blocks.takeSmall(transaction, partition, samplesByBucket(taken), SAMPLES_PER_MERGE);
    const { merged, ids, seconds } = await cutMerged([...taken, ...small]);
    await this.archive.ensurePartitions(transaction, BLOCK_SETS.waiting, seconds, partitionMs);
    await this.blocks.insert(transaction, BLOCK_SETS.waiting, merged, { ids });
  }

  /** Merges blocks that were taken from their set, together with small merged blocks of the same period. */
  private async mergeIntoMerged(
    transaction: ArchiveTransaction,
    state: MergeState,
    partition: Partition,
    taken: readonly BlockToMerge[],
    partitionMs: number,
  ): Promise<void> {
    if (taken.length === 0) return;
    const counts = samplesByBucket(taken);
    const stored = await this.mergedBlocks.findSizes(transaction, state, partition, counts.keys());
    const keys = smallBlocksOf(stored, counts, SAMPLES_PER_MERGE);
    const small = await this.mergedBlocks.findPacked(transaction, state, keys);
    const { merged, ids, seconds } = await cutMerged([...taken, ...small]);
    await this.archive.ensureMergedPartitions(seconds, partitionMs);
    await this.turns.take(transaction, async (turn) => {
      await turn.insert(merged, ids);
      await turn.remove(small);
    });
  }
}

function samplesByBucket(taken: readonly BlockToMerge[]): Map<number, number> {
  const counts = new Map<number, number>();
  for (const { bucket, sampleCount } of taken) counts.set(bucket, (counts.get(bucket) ?? 0) + sampleCount);
  return counts;
}

/** Cuts the samples of blocks of one period into as few blocks as possible, and lets other work run in between. */
async function cutMerged(
  rows: readonly BlockRow[],
): Promise<{ merged: NewBlock[]; ids: Float64Array | undefined; seconds: Set<number> }> {
  const turns = new Turns();
  await turns.next();
  const { loose, summed } = await looseSamplesOf(rows, turns);
  await turns.next();
  const samples = groupBySeries(loose);
  await turns.next();
  const isSummed = (place: number) => summed.has(samples.seriesIds[place]!);
  // The blocks come from one partition of fresh or waiting blocks. It is longer than a day only if it takes the place of a merged one.
  const merged = await cutInTurns(samples, isSummed, DAY_MS, turns);
  return { merged, ids: idsOf(merged, rows), seconds: secondsOf(Float64Array.from(merged, ({ endAt }) => endAt)) };
}

/**
 * Returns an id for each merged block: the largest id among the rows of its bucket that were merged. Rows are taken in the order
 * of their ids, so those that were not taken have larger ids, and their samples still count as the later ones.
 *
 * @returns undefined if two blocks would have the same key, because a series has more samples with one time than fit into a
 * block; the blocks then get new ids
 */
export function idsOf(
  merged: readonly NewBlock[],
  sources: readonly { readonly bucket: number; readonly id: number }[],
): Float64Array | undefined {
  const largest = new Map<number, number>();
  for (const { bucket, id } of sources) largest.set(bucket, Math.max(id, largest.get(bucket) ?? 0));
  const isSame = merged.some(({ bucket, endAt }, index) => {
    const previous = merged[index - 1];
    return previous?.bucket === bucket && previous.endAt === endAt;
  });
  return isSame ? undefined : Float64Array.from(merged, ({ bucket }) => largest.get(bucket)!);
}

/**
 * Returns the samples in the order of their blocks' ids, because that order decides between samples with equal times. Blocks with
 * equal ids come from one merge, which cut them in the order of their times. Also returns the series that have delta sums.
 */
async function looseSamplesOf(
  rows: readonly BlockRow[],
  turns: Turns,
): Promise<{ loose: LooseSamples; summed: ReadonlySet<number> }> {
  const decoder = new BlockDecoder();
  const summed = new Set<number>();
  const inOrder = rows.toSorted((a, b) => a.id - b.id || a.endAt - b.endAt);
  let count = 0;
  for (const row of inOrder) {
    decoder.open({ ...row, packed: row.packed! });
    for (const member of membersOf(row.members)) {
      count += decoder.sampleCount(member);
      const sum = row.deltaSums[placeOfMember(row.members, member)];
      if (sum !== undefined && !Number.isNaN(sum)) summed.add(seriesIdOf(row.bucket, member));
    }
    if (turns.isUp) await turns.give();
  }
  const loose = emptySamples(count);
  let offset = 0;
  for (const row of inOrder) {
    decoder.open({ ...row, packed: row.packed! });
    for (const member of membersOf(row.members)) {
      const found = decoder.decode(member, -Infinity, Infinity, loose.timestamps, loose.values, offset);
      loose.seriesIds.fill(seriesIdOf(row.bucket, member), offset, offset + found);
      offset += found;
    }
    if (turns.isUp) await turns.give();
  }
  return { loose, summed };
}
