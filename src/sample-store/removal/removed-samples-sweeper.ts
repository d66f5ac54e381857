import { Inject, Injectable, Logger } from '@nestjs/common';
import { CUSTOM_METRICS_OPTIONS, type CustomMetricsOptions } from '../../custom-metrics.options.js';
import { BackgroundLoop } from '../../scheduling/background-loop.js';
import { BackgroundLoops, type StoppableWork } from '../../scheduling/background-loops.js';
import { KnownDatabase } from '../../database/known-database.js';
import { RemovedSamplesRepository } from './removed-samples.repository.js';

const SWEEP_INTERVAL_MS = 60_000;

/** Soon after the start, which has other things to do. */
const FIRST_SWEEP_MS = 2_000;

/** Looking for idle series reads the whole table of series. */
const SWEEPS_PER_FORGETTING = 10;

/** For so long after a deletion, what was under way then may still bring chunks of a deleted series. */
const STRAGGLER_SECONDS = 600;

const DAY_SECONDS = 24 * 3600;

/**
 * Clears away in the background what nobody can see any more: chunks of deleted series, rows of metrics and series that
 * were removed a day ago. And forgets idle series of which no sample is left. One process at a time works, a bounded
 * statement at a time; whatever a crash leaves is found by the next sweep.
 */
@Injectable()
export class RemovedSamplesSweeper implements StoppableWork {
  private readonly loop = new BackgroundLoop({
    name: 'clear away removed series',
    logger: new Logger(RemovedSamplesSweeper.name),
    intervalMs: SWEEP_INTERVAL_MS,
    firstAfterMs: FIRST_SWEEP_MS,
    turn: (stopping) => this.sweep(stopping),
  });
  private sweeps = 0;
  /** Of series deleted before this time nothing is left in the chunks. */
  private sweptUntil = new Date(0);
  private sweptGeneration = 0;

  constructor(
    private readonly repository: RemovedSamplesRepository,
    private readonly known: KnownDatabase,
    @Inject(CUSTOM_METRICS_OPTIONS) private readonly options: CustomMetricsOptions,
    loops: BackgroundLoops,
  ) {
    loops.add(this);
  }

  start(): void {
    this.loop.start();
  }

  stop(): Promise<void> {
    return this.loop.stop();
  }

  private async sweep(stopping: AbortSignal): Promise<void> {
    await this.deleteChunks(stopping);
    while (!stopping.aborted && (await this.repository.deleteOldRows()));
    if (this.sweeps++ % SWEEPS_PER_FORGETTING === 0) await this.forget(stopping);
  }

  private async deleteChunks(stopping: AbortSignal): Promise<void> {
    if (this.known.generation !== this.sweptGeneration) this.sweptUntil = new Date(0);
    this.sweptGeneration = this.known.generation;
    const until = await this.repository.secondsAgo(STRAGGLER_SECONDS);
    for (let afterId = 0; !stopping.aborted;) {
      const ids = await this.repository.findDeletedSeries(this.sweptUntil, afterId);
      if (ids.length === 0) {
        this.sweptUntil = until;
        return;
      }
      if (!(await this.repository.deleteChunks(ids))) return;
      afterId = ids.at(-1)!;
    }
  }

  /** With gauges that are shown for ever nothing is idle. */
  private async forget(stopping: AbortSignal): Promise<void> {
    const { gaugeIdleHideSeconds } = this.options.exposition;
    if (gaugeIdleHideSeconds === 0) return;
    const idleSeconds = Math.max(this.options.store.retentionDays * DAY_SECONDS, gaugeIdleHideSeconds);
    while (!stopping.aborted && (await this.repository.forgetIdle(idleSeconds)));
  }
}
