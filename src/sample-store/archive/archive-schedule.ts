import { setTimeout as sleep } from 'node:timers/promises';
import { Inject, Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common';
import { CUSTOM_METRICS_OPTIONS, type CustomMetricsOptions } from '../../custom-metrics.options.js';
import { BackgroundLoop } from '../../database/background-loop.js';
import { databaseMessageOf, isOutage } from '../../database/outage.js';
import { ArchiveMetrics } from './archive.metrics.js';
import { Consolidation } from './consolidation.js';
import { Fold } from './fold.js';
import { PartitionKeeping } from './partition-keeping.js';

/** Work may take so long in one turn; what is left waits for the next one, so that nothing else of a turn starves. */
const TURN_SECONDS = 20;

/** After each step as long a pause as the step took, so that pushes have Postgres to themselves half of the time. */
const PAUSE_SHARE = 1;
const SHORTEST_PAUSE_MS = 10;

/**
 * Turns the log into the archive, a step at a time, all processes in turns: fold, merge, make and drop partitions. Every
 * step is a transaction of its own, so a process that is killed leaves nothing half done, and the next step of any process
 * goes on from there.
 */
@Injectable()
export class ArchiveSchedule implements OnApplicationShutdown {
  private readonly logger = new Logger(ArchiveSchedule.name);
  private readonly loop: BackgroundLoop;

  constructor(
    private readonly fold: Fold,
    private readonly consolidation: Consolidation,
    private readonly partitions: PartitionKeeping,
    private readonly metrics: ArchiveMetrics,
    @Inject(CUSTOM_METRICS_OPTIONS) options: CustomMetricsOptions,
  ) {
    this.loop = new BackgroundLoop({
      name: 'keep the archive',
      logger: this.logger,
      intervalMs: options.archive.foldIntervalSeconds * 1000,
      turn: (stopping) => this.takeTurn(stopping),
    });
  }

  start(): void {
    this.loop.start();
  }

  onApplicationShutdown(): Promise<void> {
    return this.loop.stop();
  }

  private async takeTurn(stopping: AbortSignal): Promise<void> {
    const startedAt = Date.now();
    await this.tryStep(stopping, 'fold', () => this.foldAll(stopping));
    await this.tryStep(stopping, 'make or drop partitions', () => this.partitions.keep());
    await this.tryStep(stopping, 'merge chunks', () => this.mergeAll(stopping));
    this.metrics.observeTurn((Date.now() - startedAt) / 1000);
  }

  private async foldAll(stopping: AbortSignal): Promise<void> {
    const until = Date.now() + TURN_SECONDS * 1000;
    for (;;) {
      const startedAt = Date.now();
      const folded = await this.fold.foldOnce();
      if (folded === undefined || folded.rows === 0) break;
      this.metrics.countFolded(folded.samples);
      if (Date.now() > until || !(await pauseAfter(startedAt, stopping))) break;
    }
  }

  private async mergeAll(stopping: AbortSignal): Promise<void> {
    const until = Date.now() + TURN_SECONDS * 1000;
    const mergedMs = this.partitions.mergedPartitionMs;
    for (const partition of await this.partitions.findClosed()) {
      let fromSeriesId: number | null | undefined = 0;
      while (typeof fromSeriesId === 'number') {
        const startedAt = Date.now();
        fromSeriesId = await this.consolidation.mergeOnce(partition, fromSeriesId, mergedMs);
        if (Date.now() > until || !(await pauseAfter(startedAt, stopping))) return;
      }
      if (fromSeriesId === undefined) return;
      await this.partitions.dropMerged(partition);
    }
  }

  /** A step that fails is tried again at the next turn; the log keeps everything meanwhile. */
  private async tryStep(stopping: AbortSignal, name: string, step: () => Promise<void>): Promise<void> {
    if (stopping.aborted) return;
    try {
      await step();
    } catch (error) {
      this.metrics.countFailure();
      // The store says loudly when Postgres is away; anything else nobody else would say.
      const message = `Could not ${name}, will try again: ${databaseMessageOf(error)}`;
      if (isOutage(error)) this.logger.debug(message);
      else this.logger.error(message);
    }
  }
}

/** @returns false when the process is stopping */
async function pauseAfter(startedAt: number, stopping: AbortSignal): Promise<boolean> {
  const ms = Math.max(SHORTEST_PAUSE_MS, (Date.now() - startedAt) * PAUSE_SHARE);
  await sleep(ms, undefined, { signal: stopping, ref: false }).catch(() => undefined);
  return !stopping.aborted;
}
