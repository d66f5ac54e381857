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
 * Samples that one compaction takes. Some tens of milliseconds of this process' time, in pieces, and some hundred of Postgres':
 * a push that comes meanwhile does not feel it.
 */
const SAMPLES_PER_COMPACTION = 500_000;

/** What one compaction has done. */
export interface CompactionResult {
  readonly rows: number;
  readonly samples: number;
  /** Only partitions were made, as many as one transaction may: nothing was moved yet. */
  readonly isUnfinished?: boolean;
}

/**
 * Moves rows that are older than the horizon out of the log: their samples become chunks of their series, their deltas are
 * added to the totals. All in one transaction, so that whatever is killed, a sample is in the log or in a chunk, never in
 * both and never in none.
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
   * @param maxSamples about so many at most
   * @returns what was moved, nothing if no row is old enough; undefined while another process has its turn
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

  /** @returns how many samples were moved; undefined if there are not enough partitions yet */
  private async move(transaction: ArchiveTransaction, rows: readonly LogRow[]): Promise<number | undefined> {
    const all = groupBySeries(looseSamplesOf(rows));
    await nextTurn();
    const totals = await this.repository.findTotals(transaction, all.seriesIds);
    if (totals.ids.length === 0) return 0;
    // Samples of series that were deleted on purpose go with their rows.
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
