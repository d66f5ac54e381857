import type { MetricType } from '../../../catalog/metric/metric.js';
import { BadDataError } from '../../../http/answers/errors.js';

/** The properties of an aggregate that decide how its samples are read and counted. Each aggregate has a row in {@link RULES}. */
interface AggregateRule {
  /**
   * The numbers that the aggregate uses for a counter: the `growth` of the counter, or the `values` that were pushed. For a
   * gauge, the values are always used.
   */
  readonly ofCounter: 'growth' | 'values';
  /** False if the aggregate is refused for gauges, because the values of a gauge do not add up over time. */
  readonly isForGauges: boolean;
  /** True if every value of a bucket is kept until the end. Such values count against the memory that all requests share. */
  readonly keepsValues: boolean;
  /** The share of the values that lie below the result; only percentiles have one. */
  readonly quantile?: number;
}

const VALUE_RULE = { ofCounter: 'values', isForGauges: true, keepsValues: false } as const;

function percentile<const Share extends number>(quantile: Share) {
  return { ...VALUE_RULE, keepsValues: true, quantile } as const;
}

/** Every aggregate, in the order in which a refusal and the description of the API list them. */
const RULES = {
  sum: { ofCounter: 'growth', isForGauges: true, keepsValues: false },
  rate: { ofCounter: 'growth', isForGauges: false, keepsValues: false },
  increase: { ofCounter: 'growth', isForGauges: false, keepsValues: false },
  avg: VALUE_RULE,
  min: VALUE_RULE,
  max: VALUE_RULE,
  first: VALUE_RULE,
  last: VALUE_RULE,
  count: VALUE_RULE,
  stddev: VALUE_RULE,
  distinct: VALUE_RULE,
  median: percentile(0.5),
  p50: percentile(0.5),
  p90: percentile(0.9),
  p95: percentile(0.95),
  p99: percentile(0.99),
} as const satisfies Readonly<Record<string, AggregateRule>>;

/** The rule by which the samples of a bucket become one point. docs/history.md explains each rule for each type. */
export type Aggregate = keyof typeof RULES;

export const AGGREGATES = Object.keys(RULES) as Aggregate[];

/** The aggregates that are percentiles of the values in a bucket. */
export type Percentile = {
  [Each in Aggregate]: (typeof RULES)[Each] extends { readonly quantile: number } ? Each : never;
}[Aggregate];

/** Returns the aggregate that a chart of the metric shows by default. */
export function defaultAggregate(type: MetricType): Aggregate {
  return type === 'gauge' ? 'avg' : 'increase';
}

/** Returns whether an aggregate uses the growth of a counter rather than the values that were pushed. */
export function isOfIncrease(aggregate: Aggregate, type: MetricType): boolean {
  return type !== 'gauge' && RULES[aggregate].ofCounter === 'growth';
}

/** Returns whether an aggregate keeps every value of a bucket until the end. */
export function keepsValues(aggregate: Aggregate): boolean {
  return RULES[aggregate].keepsValues;
}

/**
 * Checks that an aggregate makes sense for the type of a metric.
 *
 * @throws BadDataError
 */
export function checkAggregate(aggregate: Aggregate, metricName: string, type: MetricType): void {
  if (type !== 'gauge' || RULES[aggregate].isForGauges) return;
  throw new BadDataError([
    {
      path: '/query/aggregate',
      message:
        `The \`/query/aggregate\` property can't be ${aggregate} for ${metricName}, which is a gauge: its values do not add up over time. ` +
        'Use avg, min, max or last; or push it as a counter under another name (ending in _total, or with "type": "counter").',
    },
  ]);
}

/** Returns whether an aggregate is a percentile. */
export function isPercentile(aggregate: Aggregate): aggregate is Percentile {
  return 'quantile' in RULES[aggregate];
}

/** Returns the share of a percentile, such as 0.95 for `p95`. */
export function quantileOf(percentile: Percentile): number {
  return RULES[percentile].quantile;
}
