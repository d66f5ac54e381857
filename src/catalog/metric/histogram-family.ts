import { parseDecimal } from '../../outside-text/number.js';
import type { Metric } from '../series/series.js';

/** The suffixes of the counters that a histogram consists of. */
export const HISTOGRAM_SUFFIX = { bucket: '_bucket', sum: '_sum', count: '_count' } as const;

const HISTOGRAM_PART = /^(.*)_(?:bucket|sum|count)$/s;

/** Returns a name without the suffix of a histogram's counter, or undefined if it has no such suffix. */
export function familyNameOf(name: string): string | undefined {
  return HISTOGRAM_PART.exec(name)?.[1];
}

/** Returns the declared histogram that a counter belongs to by its name. */
export function histogramOf(
  name: string,
  catalog: { findMetric(name: string): Metric | undefined },
): Metric | undefined {
  const family = familyNameOf(name);
  const metric = family === undefined ? undefined : catalog.findMetric(family);
  return metric?.type === 'histogram' ? metric : undefined;
}

const INFINITY = /^\+?inf(?:inity)?$/i;

/**
 * Returns the bound of a bucket, given its label `le`, or NaN if the label is not a number. Infinity is written as `+Inf`; as
 * in Prometheus, the sign may be missing, the case does not matter, and the word may be written in full.
 */
export function bucketBoundOf(text: string): number {
  return parseDecimal(text) ?? (INFINITY.test(text) ? Infinity : NaN);
}
