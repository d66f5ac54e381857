import type { MetricType } from '../../../catalog/metric/metric.js';
import type { Aggregate } from '../aggregates/aggregate.js';
import { RangeResponse } from './range.response.js';

/** The value of one bucket. */
export class PointResponse {
  /**
   * Start of the bucket.
   * @example 2026-11-24T12:00:00.000Z
   */
  at: string;

  /** Null when the bucket says nothing; docs/history.md tells when that is. */
  value: number | null;
}

/** One line of a chart. */
export class LineResponse {
  /**
   * What the series of the line have in common by `groupBy`.
   * @example { "status": "200" }
   */
  labels: Record<string, string>;

  /** One for each bucket. */
  points: PointResponse[];
}

/** Points over time. */
export class RangeQueryResponse extends RangeResponse {
  metric: string;
  type: MetricType;
  aggregate: Aggregate;

  /** @example 30s */
  step: string;

  /** @example 30 */
  stepSeconds: number;

  /** One for each group, in the order in which their first series were created. */
  series: LineResponse[];
}
