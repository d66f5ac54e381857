import { Injectable } from '@nestjs/common';
import { DAY_MS } from '../../scheduling/units-of-time.js';
import { Turns } from '../../scheduling/turns.js';
import { ArchiveRepository } from './archive.repository.js';
import { idsOf } from './block-merge.js';
import { groupChunks } from './chunk-merge.js';
import { type ChunkSet, secondsOf, type TimeSpan } from './chunk/chunk-partitions.js';
import { ChunkRepository } from './chunk/chunk.repository.js';
import { bucketOf } from './stored-blocks/bucket-members.js';
import { cutInTurns } from './stored-blocks/cut-blocks.js';
import { HandOverRepository } from './stored-blocks/hand-over.repository.js';
import { MergeTurns } from './turns/merge-turns.js';

/** Number of samples that one transaction repacks, which takes Postgres and this process about a second. */
const SAMPLES_PER_REPACKING = 500_000;

/** Converts stored chunks into blocks, which take a fraction of the space and are read faster. */
@Injectable()
export class ChunkRepacking {
  constructor(
    private readonly archive: ArchiveRepository,
    private readonly chunks: ChunkRepository,
    private readonly turns: MergeTurns,
    private readonly handOver: HandOverRepository,
  ) {}

  /**
   * Repacks the next chunks of a partition.
   *
   * @param span a part of the partition that is not longer than a day
   * @param fromBucket the result of the previous step, or 0
   * @param mergedMs the length of a partition of merged blocks
   * @returns the bucket to continue from; null if the span is empty; undefined if another process has the lock, if processes of
   * an older version may be alive, or if no turn can be taken now
   */
  async repackOnce(
    set: ChunkSet,
    span: TimeSpan,
    fromBucket: number,
    mergedMs: number,
  ): Promise<number | null | undefined> {
    return this.archive.withLock(async (transaction) => {
      if (!(await this.handOver.storesBlocks(transaction))) return undefined;
      if ((await this.turns.findStateToTake(transaction)) === undefined) return undefined;
      const rows = await this.chunks.takeForRepacking(transaction, set, span, fromBucket, SAMPLES_PER_REPACKING);
      if (rows.length === 0) return null;
      const turns = new Turns();
      await turns.next();
      const { samples, isSummed } = await groupChunks(rows, turns);
      const blocks = await cutInTurns(samples, isSummed, DAY_MS, turns);
      const seconds = secondsOf(Float64Array.from(blocks, ({ endAt }) => endAt));
      await this.archive.ensureMergedPartitions(seconds, mergedMs);
      const sources = rows.map(({ seriesId, id }) => ({ bucket: bucketOf(seriesId), id }));
      await this.turns.take(transaction, (turn) => turn.insert(blocks, idsOf(blocks, sources)));
      return bucketOf(rows.at(-1)!.seriesId);
    });
  }
}
