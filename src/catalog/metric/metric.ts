export const METRIC_TYPES = ['counter', 'gauge', 'histogram'] as const;

/** What a metric is for ever. A histogram is the name of a family; its samples are the counters `_bucket`, `_sum`, `_count`. */
export type MetricType = (typeof METRIC_TYPES)[number];

export const TEMPORALITIES = ['delta', 'cumulative'] as const;

/** What a counter sample says: `delta` = add it, `cumulative` = the sender's running total. */
export type Temporality = (typeof TEMPORALITIES)[number];

/** What is declared of a metric by hand or by an item. */
export interface MetricDeclaration {
  readonly type?: MetricType;
  readonly temporality?: Temporality;
  readonly help?: string;
  readonly unit?: string;
}

const COUNTER_NAME = /_(?:total|count|sum|bucket)$/;

/** The type of a metric that nobody declared: Prometheus' naming conventions decide. */
export function typeByName(name: string): 'counter' | 'gauge' {
  return COUNTER_NAME.test(name) ? 'counter' : 'gauge';
}
