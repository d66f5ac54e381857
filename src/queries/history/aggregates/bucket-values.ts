import type { Series } from '../../../catalog/series/series.js';
import type { Turns } from '../../../scheduling/turns.js';

/** Some values of one series, in time order. The arrays belong to the caller, which reuses them for the next batch. */
export interface ValueBatch {
  readonly count: number;
  /** The bucket of each value, in ascending order. */
  readonly buckets: Int32Array;
  /** The values, none of which is NaN. */
  readonly values: Float64Array;
  /** The times of the samples in milliseconds since the epoch. */
  readonly times: Float64Array;
}

/**
 * Collects the values of one group by bucket and turns them into points. Values come in batches, because a call for each of
 * millions of values costs several times as much as adding it.
 */
export interface BucketValues {
  /** This is called before the samples of a series are added. */
  begin?(series: Series): void;
  add(batch: ValueBatch): void;
  /** Returns the point of a bucket; null when the bucket has no value. Callers read each bucket only once. */
  pointOf(bucket: number, turns: Turns): number | null | Promise<number | null>;
}

/** Returns the index at which the next bucket begins, after the bucket of the value at the given index. */
export function endOfBucket({ buckets, count }: ValueBatch, index: number): number {
  const bucket = buckets[index];
  let end = index + 1;
  while (end < count && buckets[end] === bucket) end++;
  return end;
}
