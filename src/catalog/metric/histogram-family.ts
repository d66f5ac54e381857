import { parseDecimal } from '../../outside-text/number.js';
import type { Metric } from '../series/series.js';

/** The suffixes of the counters that a histogram consists of. */
export const HISTOGRAM_SUFFIX = { bucket: '_bucket', sum: '_sum', count: '_count' } as const;

const HISTOGRAM_PART = /^(.*)_(?:bucket|sum|count)$/s;

/** Returns the declared histogram that a counter belongs to by its name. */
export function histogramOf(
  name: string,
  catalog: { findMetric(name: string): Metric | undefined },
): Metric | undefined {
  const family = HISTOGRAM_PART.exec(name)?.[1];
  const metric = family === undefined ? undefined : catalog.findMetric(family);
  return metric?.type === 'histogram' ? metric : undefined;
}

const INFINITY = /^\+?inf$/i;

/** Reads the label `le` of a bucket as Prometheus does, and returns NaN if it is not a number. */
export function bucketBoundOf(text: string): number {
  return parseDecimal(text) ?? (INFINITY.test(text) ? Infinity : NaN);
}
