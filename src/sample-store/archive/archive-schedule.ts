import { setTimeout as sleep } from 'node:timers/promises';
import { Inject, Injectable, Logger } from '@nestjs/common';
import { CUSTOM_METRICS_OPTIONS, type CustomMetricsOptions } from '../../custom-metrics.options.js';
import { BackgroundLoop } from '../../scheduling/background-loop.js';
import { BackgroundLoops, type StoppableWork } from '../../scheduling/background-loops.js';
import { RepeatedFailure } from '../../database/repeated-failure.js';
import { ArchiveMetrics } from './archive.metrics.js';
import { BlockMerge } from './block-merge.js';
import { HandOverRepository } from './stored-blocks/hand-over.repository.js';
import { CHUNK_SETS, daysOf } from './chunk/chunk-partitions.js';
import { ChunkMerge } from './chunk-merge.js';
import { ChunkRepacking } from './chunk-repacking.js';
import { Compaction } from './compaction.js';
import { PartitionKeeping } from './retention/partition-keeping.js';
import { TurnSweep } from './turns/turn-sweep.js';

/**
 * The time limit of compacting in one turn, and also that of merging. Work that is left continues in the next turn, so neither
 * kind delays the other steps of the turn for long.
 */
const TURN_SECONDS = 20;

/**
 * The pause after each step, as a multiple of the duration of the step. With 1, pushes have Postgres to themselves half of the
 * time.
 */
const PAUSE_SHARE = 1;
const SHORTEST_PAUSE_MS = 10;

/** Chunks are repacked only if all other work of a turn took at most this share of the time between two turns. */
const IDLE_SHARE = 0.5;

/** Repacking can wait, so it pauses four times as long as it works. */
const REPACKING_PAUSE_SHARE = 4;

/**
 * Moves the log into the archive step by step: it compacts the log, merges blocks and chunks, and creates and drops partitions.
 * If that leaves time, it repacks chunks into blocks.
 *
 * Only one process at a time runs a step. Every step is one transaction, or a turn of merged blocks (`MergeTurns`). So a process
 * that is killed leaves no partial work, and any process can continue.
 */
@Injectable()
export class ArchiveSchedule implements StoppableWork {
  private readonly logger = new Logger(ArchiveSchedule.name);
  private readonly failures = {
    compaction: new RepeatedFailure('compact the log', this.logger),
    partitions: new RepeatedFailure('make or drop partitions', this.logger),
    merge: new RepeatedFailure('merge blocks', this.logger),
    sweep: new RepeatedFailure('delete replaced blocks', this.logger),
    repacking: new RepeatedFailure('repack chunks into blocks', this.logger),
  };
  private readonly loop: BackgroundLoop;
  private readonly intervalMs: number;

  constructor(
    private readonly compaction: Compaction,
    private readonly merge: ChunkMerge,
    private readonly blockMerge: BlockMerge,
    private readonly repacking: ChunkRepacking,
    private readonly handOver: HandOverRepository,
    private readonly partitions: PartitionKeeping,
    private readonly turnSweep: TurnSweep,
    private readonly metrics: ArchiveMetrics,
    @Inject(CUSTOM_METRICS_OPTIONS) options: CustomMetricsOptions,
    loops: BackgroundLoops,
  ) {
    loops.add(this);
    this.intervalMs = options.archive.compactionIntervalSeconds * 1000;
    this.loop = new BackgroundLoop({
      name: 'keep the archive',
      logger: this.logger,
      intervalMs: this.intervalMs,
      turn: (stopping) => this.takeTurn(stopping),
    });
  }

  start(): void {
    this.loop.start();
  }

  async stop(): Promise<void> {
    await this.loop.stop();
    for (const failure of Object.values(this.failures)) failure.forget();
  }

  private async takeTurn(stopping: AbortSignal): Promise<void> {
    const startedAt = performance.now();
    await this.tryStep(stopping, this.failures.compaction, () => this.compactAll(stopping));
    await this.tryStep(stopping, this.failures.partitions, () => this.partitions.keep());
    await this.tryStep(stopping, this.failures.merge, () => this.mergeAll(stopping));
    await this.tryStep(stopping, this.failures.sweep, () => this.turnSweep.sweepIfDue(stopping));
    const idleMs = this.intervalMs * IDLE_SHARE;
    if (performance.now() - startedAt <= idleMs) {
      await this.tryStep(stopping, this.failures.repacking, () => this.repackChunks(stopping, startedAt + idleMs));
    }
    this.metrics.observeTurn((performance.now() - startedAt) / 1000);
  }

  private async compactAll(stopping: AbortSignal): Promise<void> {
    await this.handOver.begin();
    const until = performance.now() + TURN_SECONDS * 1000;
    for (;;) {
      const startedAt = performance.now();
      const compacted = await this.compaction.compactOnce();
      if (compacted === undefined || (compacted.rows === 0 && !compacted.isUnfinished)) break;
      this.metrics.countCompacted(compacted.samples);
      if (performance.now() > until || !(await pauseAfter(startedAt, stopping))) break;
    }
  }

  private async mergeAll(stopping: AbortSignal): Promise<void> {
    const until = performance.now() + TURN_SECONDS * 1000;
    const mergedMs = this.partitions.mergedPartitionMs;
    for (const { set, partitions } of await this.partitions.findClosed()) {
      for (const partition of partitions) {
        let next: number | null | undefined = 0;
        while (typeof next === 'number') {
          const startedAt = performance.now();
          next =
            set === CHUNK_SETS.fresh
              ? await this.merge.mergeOnce(partition, next, mergedMs)
              : await this.blockMerge.mergeOnce(set, partition, next, mergedMs);
          if (performance.now() > until || !(await pauseAfter(startedAt, stopping))) return;
        }
        if (next === undefined) return;
        await this.partitions.dropMerged(partition);
      }
    }
  }

  /** Repacks chunks until a given time by `performance.now()`, but does at least one step. */
  private async repackChunks(stopping: AbortSignal, until: number): Promise<void> {
    for (const { set, partition } of await this.partitions.findChunks()) {
      for (const day of daysOf(partition)) {
        let next: number | null | undefined = 0;
        while (typeof next === 'number') {
          const startedAt = performance.now();
          next = await this.repacking.repackOnce(set, day, next, this.partitions.mergedPartitionMs);
          if (next === null) break;
          if (!(await pauseAfter(startedAt, stopping, REPACKING_PAUSE_SHARE)) || performance.now() > until) return;
        }
        if (next === undefined) return;
      }
      if (await this.partitions.dropMerged(partition)) this.logger.log(`Repacked ${partition.name} into blocks.`);
    }
  }

  /**
   * Runs one kind of work. If it fails, the next turn tries it again. No samples are lost, because every change takes effect
   * either completely or not at all.
   */
  private async tryStep(stopping: AbortSignal, failure: RepeatedFailure, step: () => Promise<void>): Promise<void> {
    if (stopping.aborted) return;
    try {
      await step();
      failure.succeeded();
    } catch (error) {
      this.metrics.countFailure();
      failure.failed(error);
    }
  }
}

/**
 * Pauses after a step, in proportion to its duration.
 *
 * @param startedAt the start of the step, by `performance.now()`
 * @returns false if the process is stopping
 */
async function pauseAfter(startedAt: number, stopping: AbortSignal, share = PAUSE_SHARE): Promise<boolean> {
  const ms = Math.max(SHORTEST_PAUSE_MS, (performance.now() - startedAt) * share);
  await sleep(ms, undefined, { signal: stopping, ref: false }).catch(() => undefined);
  return !stopping.aborted;
}
