import { type Aggregate, isPercentile, type Percentile, quantileOf } from './aggregate.js';
import type { BucketValues } from './bucket-values.js';
import { DistinctValues } from './distinct-values.js';
import { KeptBuckets, Quantiles } from './quantiles.js';
import { Averages, Counts, Deviations, Extremes, Firsts, Sums } from './statistics.js';

/** The aggregates that are computed from the samples of each bucket alone. */
export type BucketAggregate = Exclude<Aggregate, 'last'>;

/** The rules for turning buckets into points. */
export interface PointRules {
  readonly buckets: number;
  /** Returns the length of a bucket in seconds. */
  readonly secondsOf: (bucket: number) => number;
  /** True if sums and rates are the growth of a counter. They are then 0 for a bucket without pushes. */
  readonly isCounter: boolean;
  /** The number of series of the group. */
  readonly seriesCount: number;
  /** The label whose values `distinct` counts. */
  readonly distinctLabel: string | undefined;
}

/** Creates the values of several aggregates of one group, in the order of the aggregates. */
export function createBucketValues(aggregates: readonly BucketAggregate[], rules: PointRules): BucketValues[] {
  const percentiles = aggregates.filter((aggregate) => isPercentile(aggregate));
  const kept = new KeptBuckets(rules.buckets, percentiles.length);
  return aggregates.map((aggregate) =>
    isPercentile(aggregate)
      ? new Quantiles(kept, quantileOf(aggregate), aggregate === percentiles[0])
      : statisticOf(aggregate, rules),
  );
}

function statisticOf(aggregate: Exclude<BucketAggregate, Percentile>, rules: PointRules): BucketValues {
  const { buckets, isCounter, secondsOf, seriesCount, distinctLabel = '' } = rules;
  switch (aggregate) {
    case 'min':
      return new Extremes(buckets, 'smallest');
    case 'max':
      return new Extremes(buckets, 'largest');
    case 'count':
      return new Counts(buckets);
    case 'avg':
      return new Averages(buckets);
    case 'stddev':
      return new Deviations(buckets);
    case 'first':
      return new Firsts(buckets);
    case 'distinct':
      return new DistinctValues(buckets, seriesCount, distinctLabel);
    case 'rate':
      return new Sums(buckets, isCounter, secondsOf);
    case 'sum':
    case 'increase':
      return new Sums(buckets, isCounter);
    default:
      return aggregate satisfies never;
  }
}
