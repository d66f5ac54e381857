import { Inject, Injectable } from '@nestjs/common';
import type { ApiToken } from '../../api-tokens/api-token.js';
import { CUSTOM_METRICS_OPTIONS, type CustomMetricsOptions } from '../../custom-metrics.options.js';
import { IngestionMetrics } from '../../ingestion/ingestion.metrics.js';
import { IngestionService } from '../../ingestion/ingestion.service.js';
import { senderOf } from '../../ingestion/sender.js';
import {
  countInfinite,
  parseReceived,
  refusalOf,
  understandExposition,
} from './exposition-format/exposition-reading.js';
import type { ReceivedExposition } from './exposition-format/received-exposition.js';

/** Stores expositions that belong to no group, so they replace no other series. */
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
   * @returns a promise that resolves once the exposition is committed
   * @throws BadDataError if the exposition is malformed or any sample is refused, in which case nothing is stored;
   * StoreUnavailableError if Postgres can't store it now
   */
  async push(received: ReceivedExposition, token: ApiToken): Promise<void> {
    const { ingest, series } = this.options;
    const exposition = await understandExposition(await parseReceived(received, ingest.maxSamples), series);
    const { refused } = await this.ingestion.ingest(exposition.samples, senderOf(token), true);
    if (refused.length > 0) throw refusalOf(exposition, refused);
    countInfinite(exposition, this.metrics, token.id);
  }
}
