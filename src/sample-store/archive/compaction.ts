import { Inject, Injectable } from '@nestjs/common';
import { CUSTOM_METRICS_OPTIONS, type CustomMetricsOptions } from '../../custom-metrics.options.js';
import type { LogRow } from '../log/log-row.js';
import { ArchiveRepository, type ArchiveTransaction } from './archive.repository.js';
import { cutIntoChunks } from './chunk/chunk-columns.js';
import {
  BLOCK_SETS,
  CHUNK_SETS,
  type ChosenPartitions,
  choosePartitions,
  mergedPartitionMs,
  type PartitionSet,
  secondsOf,
  type UnmergedSet,
} from './chunk/chunk-partitions.js';
import { ChunkRepository } from './chunk/chunk.repository.js';
import { CompactionRepository } from './compaction.repository.js';
import { BlockRepository } from './stored-blocks/block.repository.js';
import { cutInTurns } from './stored-blocks/cut-blocks.js';
import { HandOverRepository } from './stored-blocks/hand-over.repository.js';
import { MergeTurns } from './turns/merge-turns.js';
import { waitingPartitionMs } from './stored-blocks/waiting-period.js';
import { type GroupedSamples, groupBySeries, looseSamplesOf, onlySeries } from './grouped-samples.js';
import { addToTotals } from './series-totals.js';
import { Turns } from '../../scheduling/turns.js';

/**
 * Number of samples that one compaction takes. A compaction costs this process tens of milliseconds, in several turns, and
 * Postgres a few hundred, so it does not delay pushes noticeably.
 */
const SAMPLES_PER_COMPACTION = 500_000;

/**
 * The reason why a compaction has moved nothing: there are not enough partitions yet, or merged blocks can't be written now, see
 * {@link MergeTurns.findStateToTake}.
 */
type NotMoved = 'unfinished' | 'later';

/** The result of one compaction. */
export interface CompactionResult {
  readonly rows: number;
  readonly samples: number;
  /** True if the compaction only created partitions, up to the limit of one transaction, and has not moved anything yet. */
  readonly isUnfinished?: boolean;
}

/**
 * Moves rows that are older than the horizon out of the log. Their samples become blocks, or chunks as long as a process of an
 * older version runs, and their deltas are added to the totals. All of this takes effect when one transaction is committed, so
 * every sample is either in the log or in the archive, even if a process is killed.
 */
@Injectable()
export class Compaction {
  private readonly horizonSeconds: number;
  private readonly periodMs: number;
  /** The sets that are to be merged, in the order in which they are preferred. */
  private readonly unmerged: UnmergedLengths;
  private readonly mergedMs: number;

  constructor(
    private readonly archive: ArchiveRepository,
    private readonly repository: CompactionRepository,
    private readonly chunks: ChunkRepository,
    private readonly blocks: BlockRepository,
    private readonly handOver: HandOverRepository,
    private readonly mergeTurns: MergeTurns,
    @Inject(CUSTOM_METRICS_OPTIONS) options: CustomMetricsOptions,
  ) {
    this.horizonSeconds = options.archive.compactionHorizonSeconds;
    this.periodMs = options.archive.chunkPeriodSeconds * 1000;
    this.unmerged = new Map([[BLOCK_SETS.fresh, this.periodMs]]);
    const waitingMs = waitingPartitionMs(options.archive);
    if (waitingMs !== undefined) this.unmerged.set(BLOCK_SETS.waiting, waitingMs);
    this.mergedMs = mergedPartitionMs(options.store.retentionDays);
  }

  /**
   * Compacts the oldest rows.
   *
   * @param maxSamples the approximate limit of samples
   * @returns the result, with 0 rows if none is old enough or none can be moved now; undefined if another process has the lock
   */
  compactOnce(maxSamples = SAMPLES_PER_COMPACTION): Promise<CompactionResult | undefined> {
    return this.archive.withLock(async (transaction) => {
      const rows = await this.repository.findRows(transaction, this.horizonSeconds, maxSamples);
      if (rows.length === 0) return { rows: 0, samples: 0 };
      const samples = await this.move(transaction, rows);
      if (samples === 'unfinished') return { rows: 0, samples: 0, isUnfinished: true };
      if (samples === 'later') return { rows: 0, samples: 0 };
      await this.repository.removeRowsAndCommit(transaction, rows);
      return { rows: rows.length, samples };
    });
  }

  /** @returns the number of samples that were moved, or the reason why none could be moved */
  private async move(transaction: ArchiveTransaction, rows: readonly LogRow[]): Promise<number | NotMoved> {
    const turns = new Turns();
    await turns.next();
    const loose = looseSamplesOf(rows);
    await turns.next();
    const all = groupBySeries(loose);
    await turns.next();
    const totals = await this.repository.findTotals(transaction, all.seriesIds);
    if (totals.ids.length === 0) return 0;
    // Samples of deleted series are discarded with their log rows.
    const samples = totals.ids.length === all.seriesIds.length ? all : onlySeries(all, totals.ids);
    const isDelta = (place: number) => totals.areDeltas[place] === 1;
    const notMoved = (await this.handOver.storesBlocks(transaction))
      ? await this.storeBlocks(transaction, samples, isDelta, turns)
      : await this.storeChunks(transaction, samples, isDelta, turns);
    if (notMoved !== undefined) return notMoved;
    await turns.next();
    addToTotals(totals, samples, rows);
    await turns.next();
    await this.repository.updateTotals(transaction, totals);
    return samples.values.length;
  }

  /** @returns undefined if the samples are stored, or the reason why they are not */
  private async storeBlocks(
    transaction: ArchiveTransaction,
    samples: GroupedSamples,
    isDelta: (place: number) => boolean,
    turns: Turns,
  ): Promise<NotMoved | undefined> {
    const blocks = await cutInTurns(samples, isDelta, this.periodMs, turns);
    const endsAt = Float64Array.from(blocks, ({ endAt }) => endAt);
    // Blocks for which the fresh set gets no partition are stored in the waiting set if there is one, and otherwise among the
    // merged blocks. While those can't be written, the last set before them takes the rest, or nothing at all could leave the log.
    const last = this.mergeTurns.isPausing ? [...this.unmerged.keys()].at(-1)! : BLOCK_SETS.merged;
    const setOf = await this.makePartitions(transaction, this.unmerged, last, secondsOf(endsAt));
    if (setOf === undefined) return 'unfinished';
    const merged = blocks.filter(({ endAt }) => setOf(endAt) === BLOCK_SETS.merged);
    if (merged.length > 0 && (await this.mergeTurns.findStateToTake(transaction)) === undefined) return 'later';
    for (const set of [BLOCK_SETS.fresh, BLOCK_SETS.waiting]) {
      const some = blocks.filter(({ endAt }) => setOf(endAt) === set);
      await this.blocks.insert(transaction, set, some);
    }
    if (merged.length > 0) await this.mergeTurns.take(transaction, (turn) => turn.insert(merged));
    return undefined;
  }

  /** @returns undefined if the samples are stored, or the reason why they are not */
  private async storeChunks(
    transaction: ArchiveTransaction,
    samples: GroupedSamples,
    isDelta: (place: number) => boolean,
    turns: Turns,
  ): Promise<NotMoved | undefined> {
    const chunks = cutIntoChunks(samples, isDelta, this.periodMs);
    await turns.next();
    const unmerged = new Map([[CHUNK_SETS.fresh, this.periodMs]]);
    const setOf = await this.makePartitions(transaction, unmerged, CHUNK_SETS.merged, secondsOf(chunks.endsAt));
    if (setOf === undefined) return 'unfinished';
    await this.chunks.insert(transaction, chunks, (endAt) => setOf(endAt) === CHUNK_SETS.merged);
    return undefined;
  }

  /**
   * Creates the partitions for blocks or chunks.
   *
   * @param unmerged the sets that are to be merged, in the order in which they are preferred
   * @param last the set for everything else. Its partitions have the length of merged ones, so there are few
   * @param seconds the times of the last samples of the blocks or chunks, rounded down to seconds
   * @returns a function that returns the set for the time of a last sample; undefined if not all partitions exist yet
   */
  private async makePartitions(
    transaction: ArchiveTransaction,
    unmerged: UnmergedLengths,
    last: PartitionSet,
    seconds: ReadonlySet<number>,
  ): Promise<((endAt: number) => PartitionSet) | undefined> {
    const chosen = new Map<UnmergedSet, ChosenPartitions>();
    let rest = [...seconds];
    for (const [set, lengthMs] of unmerged) {
      const existing = await this.archive.findPartitions(transaction, set);
      const partitions = choosePartitions(set, existing, rest, lengthMs);
      chosen.set(set, partitions);
      rest = rest.filter((time) => !partitions.has(time));
    }
    if (last === BLOCK_SETS.merged) {
      const areThere = await this.mergeTurns.prepare(() => this.archive.ensureMergedPartitions(rest, this.mergedMs));
      if (!areThere) return undefined;
    }
    for (const [set, { missing }] of chosen) await this.archive.createPartitions(transaction, set, missing);
    if (last !== BLOCK_SETS.merged) {
      const areThere = await this.archive.ensurePartitions(transaction, last, rest, this.mergedMs);
      if (!areThere) return undefined;
    }
    return (endAt) => [...chosen].find(([, partitions]) => partitions.has(endAt))?.[0] ?? last;
  }
}

/** The sets that are to be merged, with the lengths of their partitions in milliseconds. */
type UnmergedLengths = Map<UnmergedSet, number>;
