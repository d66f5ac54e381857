import type { MetricType, Temporality } from '../metric/metric.js';

/**
 * The effect of samples on the live value of a series. A delta is added; for the other kinds, the newest sample becomes the
 * value. A gauge whose samples are changes is of the kind `delta`, and its value may fall.
 */
export type SeriesKind = 'delta' | 'cumulative' | 'gauge';

/**
 * Returns the kind of a series. A gauge has the kind `delta` if its temporality is `delta`, and the kind `gauge` otherwise. For
 * other types, the kind is the temporality, or `delta` if none is given.
 *
 * @param temporality the temporality of the series, or null if none is given
 */
export function seriesKindOf(type: MetricType, temporality: Temporality | null): SeriesKind {
  return type === 'gauge' && temporality !== 'delta' ? 'gauge' : (temporality ?? 'delta');
}

/** The SQL expression for the result of {@link seriesKindOf}, for a row of `series` joined with its row of `metric`. */
export const SERIES_KIND = `CASE WHEN metric.type = 'gauge' AND series.temporality IS DISTINCT FROM 'delta' THEN 'gauge'
                                ELSE coalesce(series.temporality, 'delta') END`;
