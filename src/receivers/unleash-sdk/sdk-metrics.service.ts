import { Inject, Injectable } from '@nestjs/common';
import type { ApiToken } from '../../api-tokens/api-token.js';
import { CUSTOM_METRICS_OPTIONS, type CustomMetricsOptions } from '../../custom-metrics.options.js';
import { IngestionMetrics } from '../../ingestion/ingestion.metrics.js';
import { IngestionService } from '../../ingestion/ingestion.service.js';
import { senderOf } from '../../ingestion/sender.js';
import { RecentRefusals } from '../../refusals/recent-refusals.js';
import { inTurns } from '../../scheduling/turns.js';
import { samplesOfImpactMetrics } from './impact-metrics.js';
import { RefusalLog } from './refusal-log.js';

/** Stores the impact metrics of a post. */
@Injectable()
export class SdkMetricsService {
  constructor(
    private readonly ingestion: IngestionService,
    private readonly metrics: IngestionMetrics,
    private readonly refusals: RefusalLog,
    private readonly recent: RecentRefusals,
    @Inject(CUSTOM_METRICS_OPTIONS) private readonly options: CustomMetricsOptions,
  ) {}

  /**
   * Stores the valid impact metrics. The others are counted and logged, because no SDK reads the body of an answer.
   *
   * @returns a promise that resolves once the metrics are committed
   * @throws StoreUnavailableError if Postgres can't store them now
   */
  async ingest(impactMetrics: unknown, token: ApiToken): Promise<void> {
    const { ingest, series, unleash } = this.options;
    const limits = { ...series, maxSamples: ingest.maxSamples };
    const { samples, refused } = await inTurns(
      samplesOfImpactMetrics(impactMetrics, { limits, addsLabels: unleash.impactMetricsLabels }),
    );
    const receipt = samples.length > 0 ? await this.ingestion.ingest(samples, senderOf(token)) : undefined;
    this.metrics.countRefused(refused, token.id);
    this.recent.note(refused.map(({ refusal: { reason, message } }) => ({ tokenId: token.id, reason, message })));
    this.refusals.note(token.id, [...refused, ...(receipt?.refused ?? [])]);
  }
}
