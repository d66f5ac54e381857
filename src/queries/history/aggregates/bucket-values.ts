import type { Series } from '../../../catalog/series/series.js';
import type { Turns } from '../../../scheduling/turns.js';

/** Collects the values of one group by bucket and turns them into points. */
export interface BucketValues {
  /** This is called before the samples of a series are added. */
  begin?(series: Series): void;
  /** @param at the time of the sample, ms since the epoch */
  add(bucket: number, value: number, at: number): void;
  /** Returns the point of a bucket; null when the bucket has no value. Callers read each bucket only once. */
  pointOf(bucket: number, turns: Turns): number | null | Promise<number | null>;
}
