import type { MetricType } from '../../../catalog/metric/metric.js';
import { RangeResponse } from './range.response.js';

/** The values of one bucket. */
export class PointResponse {
  /**
   * Start of the bucket.
   * @example 2026-11-24T12:00:00.000Z
   */
  at: string;

  /**
   * Null when the bucket has no value, or an infinite one; docs/history.md says when that is the case. Absent when there are
   * several aggregates.
   */
  value?: number | null;

  /**
   * The value of each aggregate, when there are several.
   * @example { "avg": 4.5, "max": 9 }
   */
  values?: Record<string, number | null>;

  /**
   * True when the bucket has not ended yet, or begins before the range or ends after it, so that other samples belong to it too.
   */
  unfinished?: boolean;
}

/** One line of a chart. */
export class LineResponse {
  /**
   * The values of the `groupBy` labels, which all series of the line share.
   * @example { "status": "200" }
   */
  labels: Record<string, string>;

  /** The number of lines that `lines` left out, on the line that combines them. With `groupBy=le`, each bound has such a line. */
  others?: number;

  /** One point for each bucket. */
  points: PointResponse[];

  /** One point for each bucket of the earlier range, when there is one to compare with. */
  compare?: PointResponse[];
}

/** Points over time. */
export class RangeQueryResponse extends RangeResponse {
  metric: string;
  type: MetricType;

  /**
   * The aggregates, separated by commas.
   * @example increase
   */
  aggregate: string;

  /** @example 30s */
  step: string;

  /**
   * The length of a step in seconds; null when the step is a calendar unit, whose length varies.
   * @example 30
   */
  stepSeconds: number | null;

  /**
   * The time zone of the request.
   * @example Europe/Berlin
   */
  tz?: string;

  /** The earlier range, when there is one to compare with. */
  compare?: RangeResponse;

  /** The number of lines that there would be without the limit of `lines`. All buckets of a histogram are one line. */
  linesTotal?: number;

  /** One line for each group, in the order in which their first series were created; with `lines`, the largest first. */
  series: LineResponse[];
}
