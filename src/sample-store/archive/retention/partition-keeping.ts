import { Inject, Injectable, Logger } from '@nestjs/common';
import { CUSTOM_METRICS_OPTIONS, type CustomMetricsOptions } from '../../../custom-metrics.options.js';
import { KnownDatabase } from '../../../database/known-database.js';
import { ArchiveMetrics } from '../archive.metrics.js';
import { ArchiveRepository, type ArchiveTransaction } from '../archive.repository.js';
import {
  BLOCK_SETS,
  CHUNK_SETS,
  type ChunkSet,
  mergedPartitionMs,
  type Partition,
  PARTITION_SETS,
  type UnmergedSet,
} from '../chunk/chunk-partitions.js';
import { HandOverRepository } from '../stored-blocks/hand-over.repository.js';
import { RetentionPace } from './retention-pace.js';
import { DAY_MS } from '../../../scheduling/units-of-time.js';

/**
 * Extra time before a period counts as closed, in addition to the horizon and two intervals of the compaction. By then, even a
 * slow compaction has moved the rows that arrived at the end of the period.
 */
const CLOSING_MS = 60_000;

/** The partitions of a set whose periods are closed. */
interface ClosedPartitions {
  readonly set: UnmergedSet;
  readonly partitions: readonly Partition[];
}

/** Creates partitions in advance, drops those past retention, and finds the periods that are closed. */
@Injectable()
export class PartitionKeeping {
  private readonly logger = new Logger(PartitionKeeping.name);
  private readonly periodMs: number;
  private readonly closingMs: number;
  private readonly retentionMs: number;
  private readonly retention: RetentionPace;
  /** The length of a partition of merged blocks or chunks. */
  readonly mergedPartitionMs: number;
  /** The end of the newest period that was closed when nothing was left to merge. */
  private mergedUntil = 0;
  private mergedGeneration = 0;

  constructor(
    private readonly archive: ArchiveRepository,
    private readonly known: KnownDatabase,
    private readonly handOver: HandOverRepository,
    metrics: ArchiveMetrics,
    @Inject(CUSTOM_METRICS_OPTIONS) options: CustomMetricsOptions,
  ) {
    this.retention = new RetentionPace(options.store.retentionConfirmedBefore, this.logger, (count) =>
      metrics.setHeldBack(count),
    );
    const { chunkPeriodSeconds, compactionHorizonSeconds, compactionIntervalSeconds } = options.archive;
    this.periodMs = chunkPeriodSeconds * 1000;
    this.closingMs =
      Math.min(CLOSING_MS, this.periodMs) + (compactionHorizonSeconds + 2 * compactionIntervalSeconds) * 1000;
    this.retentionMs = options.store.retentionDays * DAY_MS;
    this.mergedPartitionMs = mergedPartitionMs(options.store.retentionDays);
  }

  /** Creates the partitions that the current and the next period need, and drops those past retention. */
  async keep(): Promise<void> {
    const expired = await this.archive.withLock(async (transaction) => {
      const now = await this.archive.now(transaction);
      const ahead = [now, now + this.periodMs];
      const dayAhead = [now, now + DAY_MS];
      if (await this.handOver.storesBlocks(transaction)) {
        await this.archive.ensurePartitions(transaction, BLOCK_SETS.fresh, ahead, this.periodMs);
        await this.archive.ensureMergedPartitions(dayAhead, this.mergedPartitionMs);
      } else {
        await this.archive.ensurePartitions(transaction, CHUNK_SETS.fresh, ahead, this.periodMs);
        await this.archive.ensurePartitions(transaction, CHUNK_SETS.merged, dayAhead, this.mergedPartitionMs);
      }
      return this.findExpired(transaction, now);
    });
    for (const partition of this.retention.choose(expired ?? [], performance.now())) {
      if (!(await this.archive.dropPartition(partition, false))) continue;
      this.logger.log(`Dropped ${partition.name}: older than RETENTION_DAYS.`);
    }
  }

  /**
   * Returns partitions that are too old both by the clock and by the newest arrival, so that a clock that is set forward does not
   * delete the data of an idle service.
   */
  private async findExpired(transaction: ArchiveTransaction, now: number): Promise<Partition[]> {
    const all: Partition[] = [];
    for (const set of PARTITION_SETS) all.push(...(await this.archive.findPartitions(transaction, set)));
    const expired = all.filter(({ to }) => to <= now - this.retentionMs);
    // Finding the newest arrival reads the whole table of series, so it is done only if something may be dropped.
    if (expired.length === 0) return [];
    const newest = await this.archive.newestArrival(transaction);
    return expired.filter(({ to }) => to <= newest - this.retentionMs);
  }

  /**
   * Returns the partitions of fresh and waiting blocks and of fresh chunks that can be merged, which are those of all closed
   * periods. When none is left, the result is empty until another period ends. Otherwise each late sample would cause the blocks
   * of its period to be rewritten in the next turn.
   *
   * Waiting blocks come last, because fresh blocks of the same time may have larger ids than some of them.
   */
  async findClosed(): Promise<ClosedPartitions[]> {
    const found = await this.archive.withLock(async (transaction) => {
      const now = await this.archive.now(transaction);
      const boundary = Math.floor((now - this.closingMs) / this.periodMs) * this.periodMs;
      if (boundary <= this.mergedUntil && this.mergedGeneration === this.known.generation) return [];
      const closed: ClosedPartitions[] = [];
      // Once blocks are written, chunks are no longer merged but repacked.
      const chunks = (await this.handOver.storesBlocks(transaction)) ? [] : [CHUNK_SETS.fresh];
      for (const set of [...chunks, BLOCK_SETS.fresh, BLOCK_SETS.waiting]) {
        const all = await this.archive.findPartitions(transaction, set);
        const partitions = all.filter(({ to }) => to <= boundary);
        if (partitions.length > 0) closed.push({ set, partitions });
      }
      if (closed.length === 0) {
        this.mergedUntil = boundary;
        this.mergedGeneration = this.known.generation;
      }
      return closed;
    });
    return found ?? [];
  }

  /**
   * Returns the partitions of chunks that can be repacked into blocks, the newest first, because retention soon drops the oldest
   * ones. There are none as long as chunks may still be written.
   */
  async findChunks(): Promise<{ readonly set: ChunkSet; readonly partition: Partition }[]> {
    const found = await this.archive.withLock(async (transaction) => {
      if (!(await this.handOver.storesBlocks(transaction))) return [];
      const chunks: { set: ChunkSet; partition: Partition }[] = [];
      for (const set of Object.values(CHUNK_SETS)) {
        for (const partition of await this.archive.findPartitions(transaction, set)) chunks.push({ set, partition });
      }
      return chunks.toSorted((a, b) => b.partition.to - a.partition.to);
    });
    return found ?? [];
  }

  /**
   * Drops a partition whose blocks or chunks were merged or repacked, unless late samples have been added to it.
   *
   * @returns false if the partition is kept; see {@link ArchiveRepository.dropPartition}
   */
  dropMerged(partition: Partition): Promise<boolean> {
    return this.archive.dropPartition(partition, true);
  }
}
