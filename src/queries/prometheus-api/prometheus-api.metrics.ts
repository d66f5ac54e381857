import { Injectable, type Provider } from '@nestjs/common';
import { InjectMetric, makeHistogramProvider } from '@willsoto/nestjs-prometheus';
import type { Histogram } from 'prom-client';
import type { PrometheusErrorType } from './answers/prometheus.error.js';

const QUERY_DURATION = 'custom_metrics_promql_query_duration_seconds';

/** Records the service's own metrics about PromQL queries. */
@Injectable()
export class PrometheusApiMetrics {
  constructor(@InjectMetric(QUERY_DURATION) private readonly queryDuration: Histogram<'outcome'>) {}

  /**
   * Records a query.
   *
   * @param outcome the result of the query; once an answer has begun, it counts as a success
   */
  observeQuery(outcome: 'success' | PrometheusErrorType, seconds: number): void {
    this.queryDuration.observe({ outcome }, seconds);
  }
}

export const prometheusApiMetricsProviders: Provider[] = [
  makeHistogramProvider({
    name: QUERY_DURATION,
    help: 'Time from the arrival of a PromQL query to the start of its response, by outcome',
    labelNames: ['outcome'],
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60],
  }),
  PrometheusApiMetrics,
];
