import { Injectable, type Provider } from '@nestjs/common';
import { InjectMetric, makeGaugeProvider } from '@willsoto/nestjs-prometheus';
import type { Gauge } from 'prom-client';

const SERIES = 'custom_metrics_series';
const SERIES_BYTES = 'custom_metrics_series_memory_bytes';
const SERIES_BYTES_LIMIT = 'custom_metrics_series_memory_limit_bytes';
const SERIES_LEFT_OUT = 'custom_metrics_series_left_out';

/** Records the service's own metrics about the catalog. */
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

  /** Sets the number of stored series that did not fit into memory when they were last counted. */
  setSeriesLeftOut(count: number): void {
    this.leftOut.set(count);
  }
}

export const catalogMetricsProviders: Provider[] = [
  makeGaugeProvider({ name: SERIES, help: 'Number of known custom series' }),
  makeGaugeProvider({ name: SERIES_BYTES, help: 'Estimated memory of custom metrics and series' }),
  makeGaugeProvider({ name: SERIES_BYTES_LIMIT, help: 'Memory beyond which new series are refused' }),
  makeGaugeProvider({
    name: SERIES_LEFT_OUT,
    help: 'Stored series that did not fit into the memory of this process',
  }),
  CatalogMetrics,
];
