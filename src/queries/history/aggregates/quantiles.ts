import type { Turns } from '../../../scheduling/turns.js';
import type { BucketValues, ValueBatch } from './bucket-values.js';
import { quantile } from './quantile.js';

/**
 * Keeps every value of each bucket, at 8 bytes a value, so HISTORY_MAX_SAMPLES bounds the memory. All percentiles of a group
 * share the values. A sketch would be smaller, but its results would not be exact.
 */
export class KeptBuckets {
  private readonly values: (number[] | undefined)[];
  private readonly reads: Uint8Array;

  /** @param readers the number of percentiles, each of which reads every bucket once */
  constructor(
    buckets: number,
    private readonly readers: number,
  ) {
    this.values = Array.from({ length: readers === 0 ? 0 : buckets });
    this.reads = new Uint8Array(this.values.length);
  }

  add({ buckets, values, count }: ValueBatch): void {
    for (let index = 0; index < count; index++) (this.values[buckets[index]!] ??= []).push(values[index]!);
  }

  /** Returns the values of a bucket, and frees them after the last percentile has read them. */
  read(bucket: number): number[] | undefined {
    const values = this.values[bucket];
    if (++this.reads[bucket]! === this.readers) this.values[bucket] = undefined;
    return values;
  }
}

/**
 * Computes one percentile. Sorting five million values would block the event loop for half a second, so the value at the rank of
 * the percentile is selected in turns instead.
 */
export class Quantiles implements BucketValues {
  /** @param isFirst true for exactly one of the percentiles that share the kept values, which adds each value for all of them */
  constructor(
    private readonly kept: KeptBuckets,
    private readonly share: number,
    private readonly isFirst: boolean,
  ) {}

  add(batch: ValueBatch): void {
    if (this.isFirst) this.kept.add(batch);
  }

  async pointOf(bucket: number, turns: Turns): Promise<number | null> {
    const values = this.kept.read(bucket);
    return values === undefined ? null : quantile(values, this.share, turns);
  }
}
