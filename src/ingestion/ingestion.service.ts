import { Inject, Injectable } from '@nestjs/common';
import { Catalog } from '../catalog/catalog.js';
import { Refusal } from '../catalog/refusal.js';
import type { Series } from '../catalog/series/series.js';
import { CUSTOM_METRICS_OPTIONS, type CustomMetricsOptions } from '../custom-metrics.options.js';
import { DatabaseClock } from '../database/database-clock.js';
import type { RequestReceipt } from '../sample-store/receipts/request-receipt.js';
import { MAX_NOTED_ITEMS, RecentRefusals } from '../refusals/recent-refusals.js';
import { LiveValues } from '../live-values/live-values.js';
import { SampleLog } from '../sample-store/log/sample-log.js';
import type { IncomingSample } from './incoming-sample.js';
import { IngestionMetrics } from './ingestion.metrics.js';
import type { IngestResult, RefusedItem } from './ingest-result.js';
import { columnsOf } from './sample-columns.js';
import { oldestKept } from './sample-time.js';
import type { Sender } from './sender.js';
import { BatchResolver } from './series/batch-resolver.js';

/** Callbacks that run before the commit of a batch. They are not called if no item is accepted. */
export interface CommitSteps {
  /** Returns the receipt that is committed together with the samples; see IdempotentIngestion. */
  readonly receiptOf?: (outcome: IngestResult) => RequestReceipt;
  /**
   * Runs before the samples are stored, to record facts that must be known even if this process ends right after the commit.
   */
  readonly beforeCommit?: (outcome: IngestResult) => Promise<void>;
}

/**
 * Ingests the samples of all receivers: interprets each sample, finds or creates its series, and passes the valid samples to the
 * store.
 */
@Injectable()
export class IngestionService {
  constructor(
    private readonly batches: BatchResolver,
    private readonly catalog: Catalog,
    private readonly liveValues: LiveValues,
    private readonly log: SampleLog,
    private readonly clock: DatabaseClock,
    private readonly metrics: IngestionMetrics,
    private readonly refusals: RecentRefusals,
    @Inject(CUSTOM_METRICS_OPTIONS) private readonly options: CustomMetricsOptions,
  ) {}

  /**
   * Stores the valid items of a batch.
   *
   * @param isStrict whether to store nothing if any item is refused
   * @returns the result after the commit; with `isStrict` and refusals, `accepted` is 0 and nothing was stored
   * @throws StoreUnavailableError if Postgres can't take the samples now; AlreadyStoredError if the receipt already exists
   */
  async ingest(
    samples: readonly IncomingSample[],
    sender: Sender,
    isStrict = false,
    { receiptOf, beforeCommit }: CommitSteps = {},
  ): Promise<IngestResult> {
    const { found, isRefused } = await this.batches.resolve(samples, sender, isStrict);
    if (isRefused) {
      const refused = found.flatMap((each, index) => (each instanceof Refusal ? { index, refusal: each } : []));
      this.noteRefused(refused, samples, sender);
      return { accepted: 0, refused, series: [] };
    }
    this.metrics.setCacheBytes('series', this.batches.cacheBytes);
    const { accepted, refused, series, values, timestamps } = columnsOf(
      samples,
      found,
      (each) => this.liveValues.newestAtOf(each),
      oldestKept(this.clock, this.options),
    );
    this.noteRefused(refused, samples, sender);
    if (isStrict && refused.length > 0) return { accepted: 0, refused, series: [] };
    const outcome = { accepted: accepted.length, refused, series: accepted };
    if (accepted.length > 0) {
      await beforeCommit?.(outcome);
      await this.log.append({ series, values, timestamps }, receiptOf?.(outcome), sender.wait);
      this.metrics.countAccepted(accepted.length, sender.tokenId);
    }
    return outcome;
  }

  /** The generation of the catalog. Items that were remembered under another one are outdated; see {@link Catalog.generation}. */
  get generation(): number {
    return this.catalog.generation;
  }

  /** Returns whether everything that an item declares is already known, so that it need not be examined when it comes again. */
  saysNothingNew(sample: IncomingSample, series: Series): boolean {
    return this.batches.saysNothingNew(sample, series);
  }

  /**
   * Stores samples whose series a receiver knows from an earlier accepted batch. The caller guarantees that no delta is negative
   * and that all samples have the time of arrival.
   *
   * @throws StoreUnavailableError if Postgres can't take the samples now
   */
  async ingestKnown(series: readonly Series[], values: Float64Array, tokenId: number | null): Promise<void> {
    await this.log.append({ series, values, timestamps: null });
    this.metrics.countAccepted(series.length, tokenId);
  }

  private noteRefused(refused: readonly RefusedItem[], samples: readonly IncomingSample[], { tokenId }: Sender): void {
    if (refused.length === 0) return;
    this.metrics.countRefused(refused, tokenId);
    this.refusals.note(
      refused.slice(0, MAX_NOTED_ITEMS).map(({ index, refusal: { reason, message } }) => {
        const { name, value } = samples[index]!;
        return { tokenId, reason, message, metric: name, value };
      }),
    );
  }
}
