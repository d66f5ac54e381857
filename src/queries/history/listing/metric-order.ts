import type { Metric } from '../../../catalog/series/series.js';

/** The orders in which metrics can be listed. */
export const METRIC_ORDERS = ['name', 'lastPush', 'series'] as const;

/** The order of a list of metrics; see {@link METRIC_ORDERS}. */
export type MetricOrder = (typeof METRIC_ORDERS)[number];

/** The activity of a metric. */
export interface Activity {
  readonly seriesCount: number;
  /** Milliseconds since the epoch; null if no sample has arrived. */
  readonly lastPushAt: number | null;
}

/**
 * The position of a metric in a list. A larger rank comes first, and metrics of the same rank are in the order of their names.
 */
export interface MetricPosition {
  readonly rank: number;
  readonly name: string;
}

/** A metric in a list. */
export interface RankedMetric extends MetricPosition {
  readonly metric: Metric;
}

/** Returns the rank of a metric, which is a safe integer. In a list by name, all metrics have the same rank. */
export function rankOf(order: Exclude<MetricOrder, 'name'>, { seriesCount, lastPushAt }: Activity): number {
  return order === 'series' ? seriesCount : Math.floor(lastPushAt ?? 0);
}

/** Compares two positions. Names are unique, so the result is 0 only for the same metric. */
export function comparePositions(a: MetricPosition, b: MetricPosition): number {
  if (a.rank !== b.rank) return b.rank - a.rank;
  return a.name < b.name ? -1 : a.name > b.name ? 1 : 0;
}
