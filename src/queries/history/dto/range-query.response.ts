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

  /** Null when the bucket has no value; docs/history.md says when that is the case. */
  value: number | null;
}

/** One line of a chart. */
export class LineResponse {
  /**
   * The values of the `groupBy` labels, which all series of the line share.
   * @example { "status": "200" }
   */
  labels: Record<string, string>;

  /** One point for each bucket. */
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

  /** One line for each group, in the order in which their first series were created. */
  series: LineResponse[];
}
