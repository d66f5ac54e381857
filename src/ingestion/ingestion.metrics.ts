import { Inject, Injectable, type Provider } from '@nestjs/common';
import { InjectMetric, makeCounterProvider, makeGaugeProvider } from '@willsoto/nestjs-prometheus';
import type { Counter, Gauge } from 'prom-client';
import { TokenUsage } from '../api-tokens/usage/token-usage.js';
import { CUSTOM_METRICS_OPTIONS, type CustomMetricsOptions } from '../custom-metrics.options.js';
import type { Refusal } from '../catalog/refusal.js';
import type { RefusedItem } from './ingest-result.js';

const ACCEPTED = 'custom_metrics_samples_accepted_total';
const REFUSED = 'custom_metrics_samples_refused_total';
const CACHE_BYTES = 'custom_metrics_ingest_cache_memory_bytes';
const CACHE_BYTES_LIMIT = 'custom_metrics_ingest_cache_memory_limit_bytes';

/** Records the service's own metrics about ingestion. */
@Injectable()
export class IngestionMetrics {
  constructor(
    @InjectMetric(ACCEPTED) private readonly accepted: Counter,
    @InjectMetric(REFUSED) private readonly refused: Counter<'reason'>,
    @InjectMetric(CACHE_BYTES) private readonly cacheBytes: Gauge<'cache'>,
    @InjectMetric(CACHE_BYTES_LIMIT) private readonly cacheBytesLimit: Gauge,
    private readonly usage: TokenUsage,
    @Inject(CUSTOM_METRICS_OPTIONS) options: CustomMetricsOptions,
  ) {
    this.cacheBytesLimit.set(options.ingest.cacheMemoryBytes);
  }

  /** @param tokenId the token of the push, or null for samples that the host application pushes itself */
  countAccepted(samples: number, tokenId: number | null): void {
    this.accepted.inc(samples);
    this.usage.count(tokenId, { accepted: samples });
  }

  countRefused(refused: readonly Pick<RefusedItem, 'refusal'>[], tokenId: number | null): void {
    this.usage.count(tokenId, { refused: refused.length });
    // Thousands of samples may be refused together, so they are first counted by reason. Each reason then needs only one
    // increment.
    const counts = new Map<Refusal['reason'], number>();
    for (const { refusal } of refused) counts.set(refusal.reason, (counts.get(refusal.reason) ?? 0) + 1);
    for (const [reason, count] of counts) this.refused.inc({ reason }, count);
  }

  setCacheBytes(cache: 'series' | 'items', bytes: number): void {
    this.cacheBytes.set({ cache }, bytes);
  }

  /** @param samples the number of samples that this refusal applies to */
  countRefusedAs({ reason }: Refusal, samples: number, tokenId: number | null): void {
    this.usage.count(tokenId, { refused: samples });
    this.refused.inc({ reason }, samples);
  }
}

export const ingestionMetricsProviders: Provider[] = [
  makeCounterProvider({ name: ACCEPTED, help: 'Samples that were committed' }),
  makeCounterProvider({ name: REFUSED, help: 'Samples that were refused, by reason', labelNames: ['reason'] }),
  makeGaugeProvider({
    name: CACHE_BYTES,
    help: 'Estimated memory of the caches that recognise items which are pushed again',
    labelNames: ['cache'],
  }),
  makeGaugeProvider({ name: CACHE_BYTES_LIMIT, help: 'Maximum memory of all these caches together' }),
  IngestionMetrics,
];
