import { Inject, Injectable, Logger } from '@nestjs/common';
import { CUSTOM_METRICS_OPTIONS, type CustomMetricsOptions } from '../../custom-metrics.options.js';
import { BackgroundLoop } from '../../scheduling/background-loop.js';
import { BackgroundLoops } from '../../scheduling/background-loops.js';
import { KnownDatabase } from '../../database/known-database.js';
import { EmptySeriesRepository } from './empty-series.repository.js';
import { RemovedSamplesRepository } from './removed-samples.repository.js';

const SWEEP_INTERVAL_MS = 60_000;

/** Delay before the first sweep, because the start has more urgent work. */
const FIRST_SWEEP_MS = 2_000;

/** The search for idle series runs only in every tenth sweep, because it reads the whole table of series. */
const SWEEPS_PER_FORGETTING = 10;

/** The time after a deletion during which running work may still write samples of the deleted series. */
const STRAGGLER_SECONDS = 600;

const DAY_SECONDS = 24 * 3600;

/**
 * Deletes data that is no longer visible, in the background: samples of deleted series, and rows of metrics and series that were
 * removed more than a day ago. Idle series that have no samples left are forgotten as well. Only one process works at a time,
 * and its statements are limited in size. The next sweep finds the data that a crash leaves.
 */
@Injectable()
export class RemovedSamplesSweeper {
  private sweeps = 0;
  /** Series that were deleted before this time have no samples left. */
  private sweptUntil = new Date(0);
  private sweptGeneration = 0;

  constructor(
    private readonly repository: RemovedSamplesRepository,
    private readonly empty: EmptySeriesRepository,
    private readonly known: KnownDatabase,
    @Inject(CUSTOM_METRICS_OPTIONS) private readonly options: CustomMetricsOptions,
    loops: BackgroundLoops,
  ) {
    loops.add(
      new BackgroundLoop({
        name: 'clear away removed series',
        logger: new Logger(RemovedSamplesSweeper.name),
        intervalMs: SWEEP_INTERVAL_MS,
        firstAfterMs: FIRST_SWEEP_MS,
        turn: (stopping) => this.sweep(stopping),
      }),
    );
  }

  private async sweep(stopping: AbortSignal): Promise<void> {
    await this.deleteSamples(stopping);
    await inPages(stopping, (afterId) => this.empty.deleteOld(afterId));
    if (this.sweeps++ % SWEEPS_PER_FORGETTING === 0) await this.forget(stopping);
  }

  private async deleteSamples(stopping: AbortSignal): Promise<void> {
    if (this.known.generation !== this.sweptGeneration) this.sweptUntil = new Date(0);
    this.sweptGeneration = this.known.generation;
    const until = await this.repository.secondsAgo(STRAGGLER_SECONDS);
    for (let afterId = 0; !stopping.aborted;) {
      const ids = await this.repository.findDeletedSeries(this.sweptUntil, afterId);
      if (ids.length === 0) {
        this.sweptUntil = until;
        return;
      }
      if (!(await this.repository.deleteSamples(ids))) return;
      afterId = ids.at(-1)!;
    }
  }

  /** Forgets idle series. If the settings show gauges forever, no series counts as idle. */
  private async forget(stopping: AbortSignal): Promise<void> {
    const { gaugeIdleHideSeconds } = this.options.exposition;
    if (gaugeIdleHideSeconds === 0) return;
    const idleSeconds = Math.max(this.options.store.retentionDays * DAY_SECONDS, gaugeIdleHideSeconds);
    await inPages(stopping, (afterId) => this.empty.forgetIdle(idleSeconds, afterId));
  }
}

/** @param step processes a page; returns the series to continue after, or undefined when all are done */
async function inPages(stopping: AbortSignal, step: (afterId: number) => Promise<number | undefined>): Promise<void> {
  for (let afterId: number | undefined = 0; afterId !== undefined && !stopping.aborted;) afterId = await step(afterId);
}
