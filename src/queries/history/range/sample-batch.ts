import type { ValueBatch } from '../aggregates/bucket-values.js';
import { bucketOf, type Grid } from './grid.js';

/** Maximum number of samples of a batch. Handling that many takes tens of microseconds. */
const MAX_SAMPLES = 4_096;

/** A batch of samples of one series. It is reused for the next batch, because allocating millions of arrays would be slow. */
export class SampleBatch implements ValueBatch {
  count = 0;
  readonly buckets = new Int32Array(MAX_SAMPLES);
  readonly values = new Float64Array(MAX_SAMPLES);
  readonly times = new Float64Array(MAX_SAMPLES);

  constructor(private readonly grid: Grid) {}

  /**
   * Fills the batch with the next samples, without stale markers, because a stale marker is not a value.
   *
   * @returns the index of the first sample that the batch had no room for, or the number of samples if there is none
   */
  fill(timestamps: Float64Array, values: Float64Array, from: number): number {
    const end = Math.min(values.length, from + MAX_SAMPLES);
    const { edges } = this.grid;
    let bucket = -1;
    let bucketEnd = -Infinity;
    let count = 0;
    for (let index = from; index < end; index++) {
      const value = values[index]!;
      if (Number.isNaN(value)) continue;
      const at = timestamps[index]!;
      if (at >= bucketEnd) {
        bucket = bucketOf(this.grid, at);
        bucketEnd = edges[bucket + 1]!;
      }
      this.buckets[count] = bucket;
      this.values[count] = value;
      this.times[count] = at;
      count++;
    }
    this.count = count;
    return end;
  }

  /** Returns the batch with other values in the same buckets. */
  with(values: Float64Array): ValueBatch {
    return { count: this.count, buckets: this.buckets, values, times: this.times };
  }
}
