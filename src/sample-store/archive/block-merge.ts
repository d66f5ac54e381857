import { Injectable } from '@nestjs/common';
import { DAY_MS } from '../../scheduling/units-of-time.js';
import { Turns } from '../../scheduling/turns.js';
import { ArchiveRepository } from './archive.repository.js';
import { BlockDecoder } from './block/block-decoder.js';
import { membersOf, placeOfMember } from './block/member-set.js';
import { BLOCK_SETS, type Partition, secondsOf } from './chunk/chunk-partitions.js';
import { emptySamples, groupBySeries, type LooseSamples } from './grouped-samples.js';
import type { BlockRow } from './stored-blocks/block-row.js';
import { BlockRepository } from './stored-blocks/block.repository.js';
import { seriesIdOf } from './stored-blocks/bucket-members.js';
import { cutIntoBlocks, type NewBlock } from './stored-blocks/cut-blocks.js';

/** Number of samples that one transaction merges, which takes Postgres and this process a few hundred milliseconds. */
const SAMPLES_PER_MERGE = 500_000;

/**
 * Merges the small blocks that the compaction makes every half minute into one block for each bucket, once their period is closed.
 * Late samples of a period that was merged before are merged when the next period is closed.
 */
@Injectable()
export class BlockMerge {
  constructor(
    private readonly archive: ArchiveRepository,
    private readonly blocks: BlockRepository,
  ) {}

  /**
   * Merges the next blocks of a partition of fresh blocks.
   *
   * @param fromBucket the result of the previous step, or 0
   * @returns the bucket to continue from; null if the partition is empty; undefined if another process has the lock
   */
  async mergeOnce(partition: Partition, fromBucket: number, partitionMs: number): Promise<number | null | undefined> {
    return this.archive.withLock(async (transaction) => {
      const rows = await this.blocks.takeForMerge(transaction, partition, fromBucket, SAMPLES_PER_MERGE);
      if (rows.length === 0) return null;
      const turns = new Turns();
      await turns.next();
      const { loose, summed } = await looseSamplesOf(rows, turns);
      await turns.next();
      const samples = groupBySeries(loose);
      await turns.next();
      const merged: NewBlock[] = [];
      // The blocks come from one partition of fresh blocks, and therefore from one period, which is no longer than a day.
      for (const block of cutIntoBlocks(samples, (place) => summed.has(samples.seriesIds[place]!), DAY_MS)) {
        merged.push(block);
        await turns.give();
      }
      const endsAt = Float64Array.from(merged, ({ endAt }) => endAt);
      await this.archive.ensurePartitions(transaction, BLOCK_SETS.merged, secondsOf(endsAt), partitionMs);
      await this.blocks.insert(transaction, BLOCK_SETS.merged, merged, idsOf(merged, rows));
      return merged.at(-1)!.bucket;
    });
  }
}

/**
 * Returns an id for each merged block: the largest id among the blocks of its bucket that were merged. Blocks are taken in the
 * order of their ids, so the blocks that were not taken have larger ids, and their samples still count as the later ones.
 *
 * @returns undefined if two blocks would have the same key, which happens if a series has more samples of one time than a block
 * may have; they get new ids
 */
function idsOf(merged: readonly NewBlock[], sources: readonly BlockRow[]): Float64Array | undefined {
  const largest = new Map<number, number>();
  for (const { bucket, id } of sources) largest.set(bucket, Math.max(id, largest.get(bucket) ?? 0));
  const isSame = merged.some(({ bucket, endAt }, index) => {
    const previous = merged[index - 1];
    return previous?.bucket === bucket && previous.endAt === endAt;
  });
  return isSame ? undefined : Float64Array.from(merged, ({ bucket }) => largest.get(bucket)!);
}

/** Returns the samples in the order of their blocks' ids, because that order decides between samples with equal times. */
async function looseSamplesOf(
  rows: readonly BlockRow[],
  turns: Turns,
): Promise<{ loose: LooseSamples; summed: ReadonlySet<number> }> {
  const decoder = new BlockDecoder();
  const summed = new Set<number>();
  const inOrder = rows.toSorted((a, b) => a.id - b.id);
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
