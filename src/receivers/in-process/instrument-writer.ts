import { Inject, Injectable, Logger } from '@nestjs/common';
import { CUSTOM_METRICS_OPTIONS, type CustomMetricsOptions } from '../../custom-metrics.options.js';
import { Refusal } from '../../catalog/refusal.js';
import { StoreUnavailableError } from '../../database/store-unavailable.error.js';
import type { IncomingSample } from '../../ingestion/incoming-sample.js';
import { samplesOfHistogram } from '../../ingestion/histograms/incoming-histogram.js';
import { IngestionService } from '../../ingestion/ingestion.service.js';
import { APP_SENDER } from './app-sender.js';
import { batchEnd } from './batch-end.js';
import { InstrumentMetrics } from './instrument.metrics.js';
import type { CollectedValues } from './pending-values.js';

/** Minimum time between two log lines about refusals, because a wrong label may be used again every second. */
const REFUSAL_LINE_INTERVAL_MS = 60_000;

/** Commits the values of instruments, each at most once. */
@Injectable()
export class InstrumentWriter {
  private readonly logger = new Logger(InstrumentWriter.name);
  /**
   * Samples that were collected earlier and are certainly not stored. No further samples are collected until these are stored.
   */
  private unsent: IncomingSample[] = [];
  private writing: Promise<void> = Promise.resolve();
  private nextLineAt = -Infinity;

  constructor(
    private readonly ingestion: IngestionService,
    private readonly metrics: InstrumentMetrics,
    @Inject(CUSTOM_METRICS_OPTIONS) private readonly options: CustomMetricsOptions,
  ) {}

  /**
   * Commits the samples that are left from earlier calls, and then those that are collected now. Calls are processed one at a
   * time and in order.
   *
   * @throws the error of a failed commit; the next call tries to commit the values again, unless they may have been stored
   */
  write(collect: () => CollectedValues): Promise<void> {
    const next = this.writing.then(() => this.writeAll(collect));
    this.writing = next.catch(() => undefined);
    return next;
  }

  private async writeAll(collect: () => CollectedValues): Promise<void> {
    await this.writeUnsent();
    const { samples, histograms } = collect();
    this.unsent = [...samples];
    for (const [item, histogram] of histograms.entries()) {
      const parts = samplesOfHistogram(histogram, item, this.options.series);
      if (parts instanceof Refusal) this.logRefusals([parts]);
      else this.unsent.push(...parts);
    }
    await this.writeUnsent();
  }

  private async writeUnsent(): Promise<void> {
    while (this.unsent.length > 0) {
      const batch = this.unsent.slice(0, batchEnd(this.unsent, this.options.ingest.maxSamples));
      try {
        const { refused } = await this.ingestion.ingest(batch, APP_SENDER);
        this.logRefusals(refused.map(({ refusal }) => refusal));
      } catch (error) {
        if (error instanceof StoreUnavailableError && !error.mayBeStored) throw error;
        // A second attempt might count everything twice, which could not be undone.
        this.metrics.countDropped('store_unavailable', batch.length);
        this.unsent = this.unsent.slice(batch.length);
        throw error;
      }
      this.unsent = this.unsent.slice(batch.length);
    }
  }

  private logRefusals(refusals: readonly Refusal[]): void {
    if (refusals.length === 0 || performance.now() < this.nextLineAt) return;
    this.nextLineAt = performance.now() + REFUSAL_LINE_INTERVAL_MS;
    this.logger.warn(`${refusals.length} values of instruments were refused, for example: ${refusals[0]!.message}`);
  }
}
