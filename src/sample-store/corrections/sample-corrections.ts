import { Inject, Injectable, Logger } from '@nestjs/common';
import { CUSTOM_METRICS_OPTIONS, type CustomMetricsOptions } from '../../custom-metrics.options.js';
import { DatabaseChangedError } from '../../database/known-database.js';
import { databaseMessageOf, errorCodeOf } from '../../database/outage.js';
import { StoreUnavailableError } from '../../database/store-unavailable.error.js';
import type { ArchiveTransaction } from '../archive/archive.repository.js';
import { HandOverRepository } from '../archive/stored-blocks/hand-over.repository.js';
import { LiveValuesLoader } from '../reading/live/live-values-loader.js';
import type { CorrectedAmount, CorrectionRequest } from './correction.js';
import { CorrectedBlocks } from './corrected-blocks.js';
import { CorrectedChunks } from './corrected-chunks.js';
import { CorrectedLogRepository } from './corrected-log.repository.js';
import { CorrectedTotalsKeeper } from './corrected-totals.js';
import { type CorrectionLimits, CorrectionWork, tooSlow } from './correction-work.js';
import { CorrectionsRepository } from './corrections.repository.js';

const QUERY_CANCELED = '57014';
const RETRY_AFTER_SECONDS = 5;

/**
 * Deletes the samples of series in a time range, and corrects every total as if those samples had never been pushed.
 *
 * A correction is one transaction, so that it is done completely or not at all. It holds the lock of the archive, so no sample
 * moves meanwhile. Samples that are committed after the correction has read the log are not deleted.
 */
@Injectable()
export class SampleCorrections {
  private readonly logger = new Logger(SampleCorrections.name);
  private readonly limits: CorrectionLimits;
  private isRunning = false;

  constructor(
    private readonly repository: CorrectionsRepository,
    private readonly log: CorrectedLogRepository,
    private readonly blocks: CorrectedBlocks,
    private readonly chunks: CorrectedChunks,
    private readonly totals: CorrectedTotalsKeeper,
    private readonly loader: LiveValuesLoader,
    private readonly handOver: HandOverRepository,
    @Inject(CUSTOM_METRICS_OPTIONS) { correction }: CustomMetricsOptions,
  ) {
    this.limits = correction;
  }

  /**
   * Deletes samples, or counts them in a dry run. When the promise resolves, the live values of this process are corrected,
   * unless they could not be reloaded, which is logged.
   *
   * @throws CorrectionTooLargeError if a limit is exceeded; StoreUnavailableError if this process is making another correction,
   * if the archive is busy, if a process of an older version may be alive, or if the metric is renamed or removed meanwhile;
   * DatabaseChangedError if a series belongs to a former database
   */
  async correct(request: CorrectionRequest): Promise<CorrectedAmount> {
    // Each correction that waited for the lock would hold a connection that pushes need.
    if (this.isRunning) {
      throw new StoreUnavailableError(
        'This process is already making another correction. Nothing was deleted; try again after Retry-After.',
        RETRY_AFTER_SECONDS,
      );
    }
    this.isRunning = true;
    try {
      const amount = await this.inTransaction(request);
      if (!request.isDryRun && amount.samples > 0) await this.reload();
      return amount;
    } finally {
      this.isRunning = false;
    }
  }

  private async inTransaction(request: CorrectionRequest): Promise<CorrectedAmount> {
    if (request.series.some(({ isForeign }) => isForeign)) throw new DatabaseChangedError();
    const ids = Int32Array.from(request.series, ({ id }) => id).toSorted();
    if (ids.length === 0) return { series: 0, samples: 0, blocks: 0, fallingCounters: 0 };
    // Merged blocks can be corrected only once turns have begun, and the first correction of a new database may come before the
    // background work that begins them.
    await this.handOver.begin();
    try {
      return await this.repository.withLock(this.limits.timeoutSeconds * 1000, async (transaction) => {
        await this.repository.holdName(transaction, request);
        const work = new CorrectionWork(ids, request.range, request.isDryRun, this.limits);
        await this.remove(transaction, work);
        const amount = amountOf(request, work);
        if (request.isDryRun || amount.samples === 0) return amount;
        const id = await this.repository.record(transaction, request, amount);
        await this.log.noteWaiting(transaction, id, ids, request.range);
        return amount;
      });
    } catch (error) {
      if (errorCodeOf(error) === QUERY_CANCELED) throw tooSlow(this.limits);
      throw error;
    }
  }

  /** Reloads the live values. A failure must not fail the request, because the samples are deleted by then. */
  private async reload(): Promise<void> {
    try {
      await this.loader.reload();
    } catch (error) {
      // The poll of the log finds the correction, and reloads until it succeeds.
      this.logger.warn(
        `Samples were deleted, but the live values could not be reloaded, which is tried again: ${databaseMessageOf(error)}`,
      );
    }
  }

  private async remove(transaction: ArchiveTransaction, work: CorrectionWork): Promise<void> {
    const logged = await this.log.find(transaction, work.seriesIds, work.range);
    const { ids, counts, areAbove } = logged.series;
    for (const [index, id] of ids.entries()) work.removed.addLogged(id, counts[index]!, areAbove[index] === 1);
    await this.blocks.remove(transaction, work);
    await this.chunks.remove(transaction, work);
    if (work.isDryRun) return;
    await this.totals.correct(transaction, work);
    await this.log.remove(transaction, work.seriesIds, work.range, logged.rows);
  }
}

function amountOf({ series }: CorrectionRequest, { removed, blocks }: CorrectionWork): CorrectedAmount {
  const counters = series.filter(({ metric, kind }) => metric.type !== 'gauge' && kind !== 'gauge');
  return {
    series: removed.seriesCount,
    samples: removed.samples,
    blocks,
    fallingCounters: counters.filter(({ id }) => removed.mayFall(id)).length,
  };
}
