import { Logger } from '@nestjs/common';
import { register } from 'prom-client';
import type { CustomMetricsOptions } from '../../custom-metrics.options.js';
import { BackgroundLoops } from '../../scheduling/background-loops.js';
import { backgroundMetricsProviders } from '../../scheduling/background.metrics.js';
import type { ArchiveMetrics } from '../../sample-store/archive/archive.metrics.js';
import { ArchiveSchedule } from '../../sample-store/archive/archive-schedule.js';
import type { TurnSweep } from '../../sample-store/archive/turns/turn-sweep.js';
import type { BlockMerge } from '../../sample-store/archive/block-merge.js';
import type { HandOverRepository } from '../../sample-store/archive/stored-blocks/hand-over.repository.js';
import type { ChunkMerge } from '../../sample-store/archive/chunk-merge.js';
import type { ChunkRepacking } from '../../sample-store/archive/chunk-repacking.js';
import type { Compaction } from '../../sample-store/archive/compaction.js';
import type { PartitionKeeping } from '../../sample-store/archive/retention/partition-keeping.js';
import { HealthController } from './health.controller.js';

const OUT_OF_LOCKS = Object.assign(new Error('out of shared memory'), { code: '53200' });
const METRIC = 'custom_metrics_background_failing_seconds';

describe('a compaction that fails repeatedly', () => {
  const lines: string[] = [];
  let isBroken = true;
  let turns = 0;
  /** The number of seconds that the test has added to the clock. */
  let passed = 0;
  const now = performance.now.bind(performance);

  const compaction: Pick<Compaction, 'compactOnce'> = {
    compactOnce: () => {
      turns++;
      return isBroken ? Promise.reject(OUT_OF_LOCKS) : Promise.resolve(undefined);
    },
  };
  const partitions: Pick<PartitionKeeping, 'keep' | 'findClosed' | 'findChunks' | 'mergedPartitionMs'> = {
    keep: () => Promise.resolve(),
    findClosed: () => Promise.resolve([]),
    findChunks: () => Promise.resolve([]),
    mergedPartitionMs: 1,
  };
  const metrics: Pick<ArchiveMetrics, 'observeTurn' | 'countFailure'> = {
    observeTurn: () => undefined,
    countFailure: () => undefined,
  };
  const schedule = new ArchiveSchedule(
    compaction as Compaction,
    {} as ChunkMerge,
    {} as BlockMerge,
    {} as ChunkRepacking,
    { begin: () => Promise.resolve() } as HandOverRepository,
    partitions as PartitionKeeping,
    { sweepIfDue: () => Promise.resolve() } as TurnSweep,
    metrics as ArchiveMetrics,
    { archive: { compactionIntervalSeconds: 0.001 } } as CustomMetricsOptions,
    new BackgroundLoops(),
  );
  const health = new HealthController({} as never, {} as never, {} as never, { isOn: false } as never);

  beforeAll(() => {
    for (const level of ['debug', 'log', 'warn', 'error'] as const) {
      jest.spyOn(Logger.prototype, level).mockImplementation((...said: unknown[]) => {
        lines.push(`${level}: ${String(said[0])}`);
      });
    }
    jest.spyOn(performance, 'now').mockImplementation(() => now() + passed * 1000);
    for (const provider of backgroundMetricsProviders) {
      if (typeof provider === 'object' && 'useFactory' in provider) provider.useFactory();
    }
    schedule.start();
  });

  afterAll(async () => {
    await schedule.stop();
    jest.restoreAllMocks();
  });

  /** Waits until a turn that began after this call has ended. */
  async function nextTurn(): Promise<void> {
    for (const before = turns; turns < before + 2;) await new Promise((resolve) => setTimeout(resolve, 1));
  }

  /** Advances the clock, waits for the next turn, and returns the lines logged meanwhile, with `…` for each duration. */
  async function linesAfter(seconds: number): Promise<string[]> {
    lines.splice(0);
    passed += seconds;
    await nextTurn();
    return lines.map((line) => line.replace(/for \d+ s/, 'for … s').replace(/after \d+ s/, 'after … s'));
  }

  it('does not make the service degraded at first', async () => {
    expect(new Set(await linesAfter(0))).toEqual(
      new Set(['debug: Could not compact the log, will try again: out of shared memory']),
    );
    expect(health.show()).toEqual({ status: 'ok', problems: [] });
    expect(await register.getSingleMetricAsString(METRIC)).not.toContain('work="compact the log"');
  });

  it('is a warning after a minute, and is shown in /health and the metrics', async () => {
    expect(await linesAfter(61)).toEqual([
      'warn: Could not compact the log for … s, will try again: out of shared memory',
    ]);
    const { status, problems } = health.show();
    expect(status).toBe('degraded');
    expect(problems).toEqual([
      { work: 'compact the log', reason: 'out of shared memory', seconds: expect.any(Number) },
    ]);
    expect(problems[0]!.seconds).toBeGreaterThanOrEqual(61);
    expect(await register.getSingleMetricAsString(METRIC)).toMatch(/\{work="compact the log"\} 6\d/);
  });

  it('is an error after five minutes', async () => {
    expect(await linesAfter(300)).toEqual([
      'error: Could not compact the log for … s, will try again: out of shared memory',
    ]);
  });

  it('disappears everywhere once the compaction succeeds', async () => {
    isBroken = false;
    expect(await linesAfter(0)).toEqual(['log: Could compact the log again, after … s.']);
    expect(health.show()).toEqual({ status: 'ok', problems: [] });
    expect(await register.getSingleMetricAsString(METRIC)).not.toContain('work="compact the log"');
  });
});
