import type { MetricType, Temporality } from '../../../catalog/metric/metric.js';

/** A metric with its number of series and its last push. */
export class ListedMetricResponse {
  name: string;
  type: MetricType;

  /** The declared temporality of all its series; null for a gauge, or if each series has its own. */
  temporality: Temporality | null;
  help: string | null;
  unit: string | null;
  seriesCount: number;

  /** The time at which a sample last arrived; null if none has arrived. */
  lastPushAt: string | null;
}

/** A page of metrics. */
export class MetricsResponse {
  /** The number of metrics that match, on all pages together. */
  total: number;

  /** The metrics, in the requested order. */
  metrics: ListedMetricResponse[];

  /** The cursor for the next page; null on the last page. */
  nextCursor: string | null;
}
