import { labelsFromText } from '../../../catalog/series/label-set.js';
import type { Temporality } from '../../../catalog/metric/metric.js';
import type { Series } from '../../../catalog/series/series.js';
import type { LiveValues } from '../../../live-values/live-values.js';

/** A series and its current value. */
export class ListedSeriesResponse {
  id: number;
  metric: string;

  /** @example { "status": "200" } */
  labels: Record<string, string>;

  /** What its samples are: increments or totals; null for a gauge. */
  temporality: Temporality | null;
  createdAt: string;

  /** When a sample last arrived; null if none has. */
  lastPushAt: string | null;

  /**
   * The value that `/metrics` shows: the total of a delta counter, otherwise the last value. Null before the first sample, and
   * while the series is stale.
   */
  value: number | null;

  static of(series: Series, liveValues: LiveValues): ListedSeriesResponse {
    const pushedAt = liveValues.pushedAtOf(series);
    return {
      id: series.id,
      metric: series.metric.name,
      labels: labelsFromText(series.labelsText),
      temporality: series.kind === 'gauge' ? null : series.kind,
      createdAt: series.createdAt.toISOString(),
      lastPushAt: pushedAt > 0 ? new Date(pushedAt).toISOString() : null,
      value: liveValues.has(series) ? liveValues.valueOf(series) : null,
    };
  }
}

/** A page of series. */
export class SeriesResponse {
  /** In the order of their creation. */
  series: ListedSeriesResponse[];

  /** Cursor for the next page; null on the last page. */
  nextCursor: string | null;
}
