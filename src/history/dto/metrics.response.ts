import type { Metric, MetricType, Temporality } from '../../catalog/metric.js';

/** A metric and how alive it is. */
export class ListedMetricResponse {
  name: string;
  type: MetricType;

  /** Declared for all its series; null when each series has its own, and for gauges. */
  temporality: Temporality | null;
  help: string | null;
  unit: string | null;
  seriesCount: number;

  /** When a sample last arrived; null if none has. */
  lastPushAt: string | null;
}

/** A page of metrics. */
export class MetricsResponse {
  /** In the order of their names. */
  metrics: ListedMetricResponse[];

  /** For the next page; null on the last one. */
  nextCursor: string | null;

  static of(
    page: readonly Metric[],
    activityOf: (metric: Metric) => { seriesCount: number; lastPushAt: number | null },
    nextCursor: string | null,
  ): MetricsResponse {
    return {
      metrics: page.map((metric) => {
        const { name, type, temporality, help, unit } = metric;
        const { seriesCount, lastPushAt } = activityOf(metric);
        return {
          name,
          type,
          temporality,
          help,
          unit,
          seriesCount,
          lastPushAt: lastPushAt === null ? null : new Date(lastPushAt).toISOString(),
        };
      }),
      nextCursor,
    };
  }
}
