import type { MetricType, Temporality } from '../../../catalog/metric/metric.js';
import type { Metric } from '../../../catalog/series/series.js';

/** A metric and how active it is. */
export class ListedMetricResponse {
  name: string;
  type: MetricType;

  /** The declared temporality of all its series; null when each series has its own, and for gauges. */
  temporality: Temporality | null;
  help: string | null;
  unit: string | null;
  seriesCount: number;

  /** When a sample last arrived; null if none has. */
  lastPushAt: string | null;

  static of(
    { name, type, temporality, help, unit }: Metric,
    { seriesCount, lastPushAt }: { seriesCount: number; lastPushAt: number | null },
  ): ListedMetricResponse {
    return {
      name,
      type,
      temporality,
      help,
      unit,
      seriesCount,
      lastPushAt: lastPushAt === null ? null : new Date(lastPushAt).toISOString(),
    };
  }
}

/** A page of metrics. */
export class MetricsResponse {
  /** In the order of their names. */
  metrics: ListedMetricResponse[];

  /** Cursor for the next page; null on the last page. */
  nextCursor: string | null;
}
