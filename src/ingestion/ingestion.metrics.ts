import { Injectable, type Provider } from '@nestjs/common';
import { InjectMetric, makeCounterProvider } from '@willsoto/nestjs-prometheus';
import type { Counter } from 'prom-client';
import type { Refusal } from '../catalog/refusal.js';
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

  countRefused(refused: readonly Pick<RefusedItem, 'refusal'>[]): void {
    for (const { refusal } of refused) this.countRefusedAs(refusal, 1);
  }

  /** @param samples how many there were of the one kind */
  countRefusedAs({ reason }: Refusal, samples: number): void {
    this.refused.inc({ reason }, samples);
  }
}

export const ingestionMetricsProviders: Provider[] = [
  makeCounterProvider({ name: ACCEPTED, help: 'Samples that were committed' }),
  makeCounterProvider({ name: REFUSED, help: 'Samples that were not taken, by reason', labelNames: ['reason'] }),
  IngestionMetrics,
];
