import type { MetricType } from '../../../catalog/metric/metric.js';
import { RangeResponse } from '../dto/range.response.js';

/** The number that is compared: see docs/history.md. */
export type BreakdownMeasure = 'increase' | 'avg' | 'p95';

/** One value of a label, in the range and in the period before. */
export class BrokenDownValueResponse {
  /**
   * The value of the label; '' stands for series that lack the label.
   * @example de
   */
  value: string;

  /** The measure in the range; null for a gauge or histogram without samples to compute it from. */
  now: number | null;

  /** The measure in the period before; null for a gauge or histogram without samples to compute it from. */
  before: number | null;

  /** The number of series with the value that have samples in the range or in the period before. */
  seriesCount: number;

  /**
   * `new` if the value has samples only in the range, `vanished` if it has samples only in the period before. Absent otherwise,
   * and if retention has dropped the whole period before.
   */
  state?: 'new' | 'vanished';
}

/** A label and how much the metric differs between its values. */
export class BrokenDownLabelResponse {
  /** @example country */
  name: string;

  /**
   * The score: the larger it is, the more the metric differs between the values of the label. Null for a label with one value or
   * with more than 100 values.
   */
  score: number | null;

  /** The number of values with samples in the range or in the period before. */
  valuesTotal: number;

  /** The number of values that are new. */
  newTotal: number;

  /** The number of values that have vanished. */
  vanishedTotal: number;

  /** The values that are largest in either of the two periods: first the new ones by size, then the others by size. */
  values: BrokenDownValueResponse[];

  /** The largest of the values that have vanished. */
  vanished: BrokenDownValueResponse[];
}

/** The labels of a metric, ordered by how much the metric differs between their values. */
export class BreakdownResponse extends RangeResponse {
  metric: string;
  type: MetricType;

  /**
   * The number that is compared: the increase of a counter, the average of a gauge, the 95th percentile of a histogram.
   * @example increase
   */
  measure: BreakdownMeasure;

  /** The period before the range. It is as long as the range, unless retention has dropped a part of it. */
  compare: RangeResponse;

  /** The measure of all series together, in the range and in the period before. */
  total: { now: number | null; before: number | null };

  /**
   * The number of labels of the series. At most 50 labels are compared, namely those that occur in the most series.
   */
  labelsTotal: number;

  /** The labels: those with the highest score first, then those without a score by name. */
  labels: BrokenDownLabelResponse[];
}
