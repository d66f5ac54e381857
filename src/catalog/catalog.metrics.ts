import { Injectable, type Provider } from '@nestjs/common';
import { InjectMetric, makeGaugeProvider } from '@willsoto/nestjs-prometheus';
import type { Gauge } from 'prom-client';

const SERIES = 'custom_metrics_series';
const SERIES_BYTES = 'custom_metrics_series_memory_bytes';
const SERIES_BYTES_LIMIT = 'custom_metrics_series_memory_limit_bytes';
const SERIES_LEFT_OUT = 'custom_metrics_series_left_out';

/** What the catalog tells about itself. */
@Injectable()
export class CatalogMetrics {
  constructor(
    @InjectMetric(SERIES) private readonly series: Gauge,
    @InjectMetric(SERIES_BYTES) private readonly bytes: Gauge,
    @InjectMetric(SERIES_BYTES_LIMIT) private readonly bytesLimit: Gauge,
    @InjectMetric(SERIES_LEFT_OUT) private readonly leftOut: Gauge,
  ) {}

  setSeries(count: number, bytes: number): void {
    this.series.set(count);
    this.bytes.set(bytes);
  }

  setSeriesBytesLimit(bytes: number): void {
    this.bytesLimit.set(bytes);
  }

  /** Series that are stored and that this process had no memory for when it was started. */
  setSeriesLeftOut(count: number): void {
    this.leftOut.set(count);
  }
}

export const catalogMetricsProviders: Provider[] = [
  makeGaugeProvider({ name: SERIES, help: 'Custom series known' }),
  makeGaugeProvider({ name: SERIES_BYTES, help: 'Memory that custom metrics and series take, as it is estimated' }),
  makeGaugeProvider({ name: SERIES_BYTES_LIMIT, help: 'Memory beyond which new series are refused' }),
  makeGaugeProvider({
    name: SERIES_LEFT_OUT,
    help: 'Stored series that this process had no memory for when it was started',
  }),
  CatalogMetrics,
];
