import type { Metric, MetricType } from '../../catalog/metric.js';
import type { Aggregate } from '../aggregate.js';
import type { SeriesGroup } from '../groups.js';
import type { Grid } from '../step.js';
import { formatDuration } from '../time.js';
import type { TimeRange } from '../time-range.js';
import { rangeFields, RangeResponse } from './range.response.js';

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

  static of(
    plan: {
      readonly selected: { readonly metric: Metric };
      readonly aggregate: Aggregate;
      readonly range: TimeRange;
      readonly grid: Grid;
      readonly groups: readonly SeriesGroup[];
    },
    points: readonly (readonly (number | null)[])[],
  ): RangeQueryResponse {
    const { selected, aggregate, range, grid, groups } = plan;
    const starts = Array.from({ length: grid.count }, (_, bucket) =>
      new Date(grid.start + bucket * grid.stepMs).toISOString(),
    );
    return {
      metric: selected.metric.name,
      type: selected.metric.type,
      aggregate,
      ...rangeFields(range),
      step: formatDuration(grid.stepMs),
      stepSeconds: grid.stepMs / 1_000,
      series: groups.map(({ labels }, index) => ({
        labels,
        points: starts.map((at, bucket) => ({ at, value: points[index]![bucket]! })),
      })),
    };
  }
}
