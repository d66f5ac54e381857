import { setImmediate as nextTurn } from 'node:timers/promises';
import { Inject, Injectable } from '@nestjs/common';
import { CUSTOM_METRICS_OPTIONS, type CustomMetricsOptions } from '../../custom-metrics.options.js';
import type { LogRow } from '../log/log-row.js';
import { ArchiveRepository, type ArchiveTransaction } from './archive.repository.js';
import { cutIntoChunks } from './chunk/chunk-columns.js';
import { chooseFreshPartitions, mergedPartitionMs, secondsOf } from './chunk/chunk-partitions.js';
import { ChunkRepository } from './chunk/chunk.repository.js';
import { CompactionRepository } from './compaction.repository.js';
import { emptySamples, groupBySeries, type LooseSamples, onlySeries } from './chunk/grouped-samples.js';
import { addToTotals } from './chunk/series-totals.js';

/**
 * Number of samples that one compaction takes. It costs this process tens of milliseconds, in several turns, and Postgres a few
 * hundred, so that a push that arrives meanwhile is not delayed noticeably.
 */
const SAMPLES_PER_COMPACTION = 500_000;

/** The result of one compaction. */
export interface CompactionResult {
  readonly rows: number;
  readonly samples: number;
  /** True if the compaction only created partitions, up to the limit of one transaction, and has moved nothing yet. */
  readonly isUnfinished?: boolean;
}

/**
 * Moves rows that are older than the horizon out of the log: their samples become chunks of their series, and their deltas are
 * added to the totals. All of this is one transaction, so that whatever is killed, every sample is either in the log or in a
 * chunk.
 */
@Injectable()
export class Compaction {
  private readonly horizonSeconds: number;
  private readonly periodMs: number;
  private readonly mergedMs: number;

  constructor(
    private readonly archive: ArchiveRepository,
    private readonly repository: CompactionRepository,
    private readonly chunks: ChunkRepository,
    @Inject(CUSTOM_METRICS_OPTIONS) options: CustomMetricsOptions,
  ) {
    this.horizonSeconds = options.archive.compactionHorizonSeconds;
    this.periodMs = options.archive.chunkPeriodSeconds * 1000;
    this.mergedMs = mergedPartitionMs(options.store.retentionDays);
  }

  /**
   * Compacts the oldest rows.
   *
   * @param maxSamples the approximate limit of samples
   * @returns what was moved, with 0 rows if none is old enough; undefined while another process has the lock
   */
  compactOnce(maxSamples = SAMPLES_PER_COMPACTION): Promise<CompactionResult | undefined> {
    return this.archive.withLock(async (transaction) => {
      const rows = await this.repository.findRows(transaction, this.horizonSeconds, maxSamples);
      if (rows.length === 0) return { rows: 0, samples: 0 };
      await nextTurn();
      const samples = await this.move(transaction, rows);
      if (samples === undefined) return { rows: 0, samples: 0, isUnfinished: true };
      await this.repository.removeRowsAndCommit(transaction, rows);
      return { rows: rows.length, samples };
    });
  }

  /** @returns the number of samples moved; undefined if there are not enough partitions yet */
  private async move(transaction: ArchiveTransaction, rows: readonly LogRow[]): Promise<number | undefined> {
    const all = groupBySeries(looseSamplesOf(rows));
    await nextTurn();
    const totals = await this.repository.findTotals(transaction, all.seriesIds);
    if (totals.ids.length === 0) return 0;
    // Samples of deleted series are discarded with their log rows.
    const samples = totals.ids.length === all.seriesIds.length ? all : onlySeries(all, totals.ids);
    const chunks = cutIntoChunks(samples, (place) => totals.areDeltas[place] === 1, this.periodMs);
    await nextTurn();
    const seconds = secondsOf(chunks.endsAt);
    const existing = await this.archive.findPartitions(transaction, 'sample_chunk_fresh');
    const fresh = chooseFreshPartitions(existing, seconds, this.periodMs);
    const past = [...seconds].filter((time) => !fresh.has(time));
    const { mergedMs } = this;
    if (!(await this.archive.ensurePartitions(transaction, 'sample_chunk_merged', past, mergedMs))) return undefined;
    await this.archive.createPartitions(transaction, 'sample_chunk_fresh', fresh.missing);
    addToTotals(totals, samples, rows);
    await this.chunks.insert(transaction, chunks, (endAt) => !fresh.has(endAt));
    await this.repository.updateTotals(transaction, totals);
    return samples.values.length;
  }
}

function looseSamplesOf(rows: readonly LogRow[]): LooseSamples {
  const count = rows.reduce((sum, { values }) => sum + values.length, 0);
  const samples = emptySamples(count);
  let offset = 0;
  for (const [source, { seriesIds, timestamps, values, receivedAt }] of rows.entries()) {
    const end = offset + values.length;
    samples.seriesIds.set(seriesIds, offset);
    samples.values.set(values, offset);
    if (timestamps === null) samples.timestamps.fill(receivedAt, offset, end);
    else samples.timestamps.set(timestamps, offset);
    samples.sources.fill(source, offset, end);
    offset = end;
  }
  return samples;
}
