import type { MetricType, Temporality } from '../metric/metric.js';

/**
 * How samples of a series act on its live value: a delta is added, and of the other two the newest one holds. A gauge that takes
 * changes is `delta`, and its value may fall.
 */
export type SeriesKind = 'delta' | 'cumulative' | 'gauge';

/**
 * Returns the kind of a series. The temporality decides for everything but a gauge, which becomes a series of deltas only if it is
 * said to take changes.
 *
 * @param temporality of the series; null if nobody has given one
 */
export function seriesKindOf(type: MetricType, temporality: Temporality | null): SeriesKind {
  return type === 'gauge' && temporality !== 'delta' ? 'gauge' : (temporality ?? 'delta');
}

/** The SQL expression that gives what {@link seriesKindOf} returns, for a row of `series` joined with its row of `metric`. */
export const SERIES_KIND = `CASE WHEN metric.type = 'gauge' AND series.temporality IS DISTINCT FROM 'delta' THEN 'gauge'
                                ELSE coalesce(series.temporality, 'delta') END`;
