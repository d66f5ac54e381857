import { Injectable, type Provider } from '@nestjs/common';
import { InjectMetric, makeGaugeProvider } from '@willsoto/nestjs-prometheus';
import type { Gauge } from 'prom-client';

const SERIES = 'custom_metrics_series';

/** What the catalog tells about itself. */
@Injectable()
export class CatalogMetrics {
  constructor(@InjectMetric(SERIES) private readonly series: Gauge) {}

  setSeriesCount(count: number): void {
    this.series.set(count);
  }
}

export const catalogMetricsProviders: Provider[] = [
  makeGaugeProvider({ name: SERIES, help: 'Custom series known' }),
  CatalogMetrics,
];
