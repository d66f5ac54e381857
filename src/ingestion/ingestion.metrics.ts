import { Injectable, type Provider } from '@nestjs/common';
import { InjectMetric, makeCounterProvider } from '@willsoto/nestjs-prometheus';
import type { Counter } from 'prom-client';
import type { RefusedItem } from './ingestion.service.js';

const ACCEPTED = 'custom_metrics_samples_accepted_total';
const REFUSED = 'custom_metrics_samples_refused_total';

/** What ingestion tells about itself. */
@Injectable()
export class IngestionMetrics {
  constructor(
    @InjectMetric(ACCEPTED) private readonly accepted: Counter,
    @InjectMetric(REFUSED) private readonly refused: Counter<'reason'>,
  ) {}

  countAccepted(samples: number): void {
    this.accepted.inc(samples);
  }

  countRefused(items: readonly RefusedItem[]): void {
    for (const { refusal } of items) this.refused.inc({ reason: refusal.reason });
  }
}

export const ingestionMetricsProviders: Provider[] = [
  makeCounterProvider({ name: ACCEPTED, help: 'Samples that were committed' }),
  makeCounterProvider({ name: REFUSED, help: 'Samples that were not taken, by reason', labelNames: ['reason'] }),
  IngestionMetrics,
];
