import { Inject, Injectable } from '@nestjs/common';
import type { ApiToken } from '../../api-tokens/api-token.js';
import { CUSTOM_METRICS_OPTIONS, type CustomMetricsOptions } from '../../custom-metrics.options.js';
import { IngestionMetrics } from '../../ingestion/ingestion.metrics.js';
import { IngestionService } from '../../ingestion/ingestion.service.js';
import { senderOf } from '../../ingestion/sender.js';
import { countInfinite, parsePage, refusalOf, understandPage } from './exposition-format/page-reading.js';
import type { ReceivedPage } from './exposition-format/received-page.js';

/** Stores expositions that belong to no group: the samples are stored, and nothing is replaced. */
@Injectable()
export class PrometheusPushService {
  constructor(
    private readonly ingestion: IngestionService,
    private readonly metrics: IngestionMetrics,
    @Inject(CUSTOM_METRICS_OPTIONS) private readonly options: CustomMetricsOptions,
  ) {}

  /**
   * Stores an exposition.
   *
   * @returns once it is committed
   * @throws BadDataError if any sample is refused, and then nothing is stored; StoreUnavailableError
   */
  async push(received: ReceivedPage, token: ApiToken): Promise<void> {
    const { ingest, series } = this.options;
    const page = await understandPage(await parsePage(received, ingest.maxSamples), series);
    const { refused } = await this.ingestion.ingest(page.samples, senderOf(token), true);
    if (refused.length > 0) throw refusalOf(page, refused);
    countInfinite(page, this.metrics);
  }
}
