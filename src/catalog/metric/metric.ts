export const METRIC_TYPES = ['counter', 'gauge', 'histogram'] as const;

/**
 * The type of a metric, which never changes. A histogram has no samples of its own; its counters `_bucket`, `_sum` and `_count`
 * have them.
 */
export type MetricType = (typeof METRIC_TYPES)[number];

export const TEMPORALITIES = ['delta', 'cumulative'] as const;

/**
 * The meaning of a counter sample: a `delta` sample is added to the total; a `cumulative` sample is the client's running total.
 */
export type Temporality = (typeof TEMPORALITIES)[number];

/** A declaration of a metric, by an admin request or by an item. */
export interface MetricDeclaration {
  readonly type?: MetricType;
  readonly temporality?: Temporality;
  readonly help?: string;
  readonly unit?: string;
}

const COUNTER_NAME = /_(?:total|count|sum|bucket)$/;

/** Returns the type of an undeclared metric, by the naming conventions of Prometheus. */
export function typeByName(name: string): 'counter' | 'gauge' {
  return COUNTER_NAME.test(name) ? 'counter' : 'gauge';
}
