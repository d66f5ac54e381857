import { parseDecimal } from '../../outside-text/number.js';
import type { Metric } from '../series/series.js';

/** The counters that a histogram consists of. */
export const HISTOGRAM_SUFFIX = { bucket: '_bucket', sum: '_sum', count: '_count' } as const;

const HISTOGRAM_PART = /^(.*)_(?:bucket|sum|count)$/;

/** The declared histogram that a counter belongs to by its name. */
export function histogramOf(
  name: string,
  catalog: { findMetric(name: string): Metric | undefined },
): Metric | undefined {
  const family = HISTOGRAM_PART.exec(name)?.[1];
  const metric = family === undefined ? undefined : catalog.findMetric(family);
  return metric?.type === 'histogram' ? metric : undefined;
}

const INFINITY = /^\+?inf$/i;

/** The number that a bucket's label `le` stands for, as Prometheus reads it; NaN if it is none. */
export function bucketBoundOf(text: string): number {
  return parseDecimal(text) ?? (INFINITY.test(text) ? Infinity : NaN);
}
