import type { MetricType } from '../../../catalog/metric/metric.js';
import { BadDataError } from '../../../http/answers/errors.js';

export const AGGREGATES = [
  'sum',
  'rate',
  'increase',
  'avg',
  'min',
  'max',
  'last',
  'count',
  'p50',
  'p90',
  'p95',
  'p99',
] as const;

/** How the samples of a bucket become one point. docs/history.md explains each for each type. */
export type Aggregate = (typeof AGGREGATES)[number];

/** Returns the aggregate that a chart of the metric shows by default. */
export function defaultAggregate(type: MetricType): Aggregate {
  return type === 'gauge' ? 'avg' : 'increase';
}

/** Whether an aggregate uses the growth of a counter rather than the values that were pushed. */
export function isOfIncrease(aggregate: Aggregate, type: MetricType): boolean {
  return type !== 'gauge' && (aggregate === 'sum' || aggregate === 'increase' || aggregate === 'rate');
}

/**
 * Checks that an aggregate makes sense for the type of a metric.
 *
 * @throws BadDataError
 */
export function checkAggregate(aggregate: Aggregate, metricName: string, type: MetricType): void {
  if (type !== 'gauge' || (aggregate !== 'rate' && aggregate !== 'increase')) return;
  throw new BadDataError([
    {
      path: '/query/aggregate',
      message:
        `The \`/query/aggregate\` property can't be ${aggregate} for ${metricName}, which is a gauge: its values do not add up over time. ` +
        'Use avg, min, max or last; or push it as a counter under another name (ending in _total, or with "type": "counter").',
    },
  ]);
}

/** The aggregates that are percentiles of the values in a bucket. */
export type Percentile = Extract<Aggregate, `p${number}`>;

const PERCENTILE = /^p\d+$/;

/** Returns whether an aggregate is a percentile, so that the compiler knows which ones are left. */
export function isPercentile(aggregate: Aggregate): aggregate is Percentile {
  return PERCENTILE.test(aggregate);
}

/** Returns the share of a percentile, such as 0.95 for `p95`. */
export function quantileOf(percentile: Percentile): number {
  return Number(percentile.slice(1)) / 100;
}
