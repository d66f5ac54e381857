import type { MetricType, Temporality } from '../metric/metric.js';

/**
 * The effect of samples on the live value of a series: a delta is added; for the other kinds the newest sample is the value. A
 * gauge whose samples are changes is `delta`, and its value may fall.
 */
export type SeriesKind = 'delta' | 'cumulative' | 'gauge';

/**
 * Returns the kind of a series. It follows from the temporality, except that a gauge is only a series of deltas if its
 * temporality is `delta`.
 *
 * @param temporality the temporality of the series, or null if none is given
 */
export function seriesKindOf(type: MetricType, temporality: Temporality | null): SeriesKind {
  return type === 'gauge' && temporality !== 'delta' ? 'gauge' : (temporality ?? 'delta');
}

/** The SQL expression for the result of {@link seriesKindOf}, for a row of `series` joined with its row of `metric`. */
export const SERIES_KIND = `CASE WHEN metric.type = 'gauge' AND series.temporality IS DISTINCT FROM 'delta' THEN 'gauge'
                                ELSE coalesce(series.temporality, 'delta') END`;
