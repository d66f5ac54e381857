import { addAllCompensated } from '../../../live-values/compensated-sum.js';
import { type BucketValues, endOfBucket, type ValueBatch } from './bucket-values.js';

export class Counts implements BucketValues {
  private readonly counts: Float64Array;

  constructor(buckets: number) {
    this.counts = new Float64Array(buckets);
  }

  add({ buckets, count }: ValueBatch): void {
    for (let index = 0; index < count; index++) this.counts[buckets[index]!]!++;
  }

  pointOf(bucket: number): number {
    return this.counts[bucket]!;
  }
}

/** Adds up the values of each bucket with compensated sums, so that a million values of 0.1 add up to exactly 100,000. */
export class Sums implements BucketValues {
  private readonly highs: Float64Array;
  private readonly lows: Float64Array;
  private readonly isFilled: Uint8Array;

  /** @param divisorOf returns the number by which the sum of a bucket is divided */
  constructor(
    buckets: number,
    private readonly isZeroWhenEmpty: boolean,
    private readonly divisorOf: (bucket: number) => number = () => 1,
  ) {
    this.highs = new Float64Array(buckets);
    this.lows = new Float64Array(buckets);
    this.isFilled = new Uint8Array(buckets);
  }

  add(batch: ValueBatch): void {
    const { buckets, values, count } = batch;
    for (let index = 0; index < count;) {
      const bucket = buckets[index]!;
      const end = endOfBucket(batch, index);
      addAllCompensated(this.highs, this.lows, bucket, values, index, end);
      this.isFilled[bucket] = 1;
      index = end;
    }
  }

  pointOf(bucket: number): number | null {
    return this.isFilled[bucket] || this.isZeroWhenEmpty ? this.highs[bucket]! / this.divisorOf(bucket) : null;
  }
}

export class Averages implements BucketValues {
  private readonly sums: Sums;
  private readonly counts: Counts;

  constructor(buckets: number) {
    this.sums = new Sums(buckets, false);
    this.counts = new Counts(buckets);
  }

  add(batch: ValueBatch): void {
    this.sums.add(batch);
    this.counts.add(batch);
  }

  pointOf(bucket: number): number | null {
    const sum = this.sums.pointOf(bucket);
    return sum === null ? null : sum / this.counts.pointOf(bucket);
  }
}

/**
 * Computes population standard deviations, as PromQL's `stddev_over_time` does, by Welford's method, because the difference of
 * two large sums would lose all digits of a small deviation.
 */
export class Deviations implements BucketValues {
  private readonly counts: Float64Array;
  private readonly means: Float64Array;
  private readonly squares: Float64Array;

  constructor(buckets: number) {
    this.counts = new Float64Array(buckets);
    this.means = new Float64Array(buckets);
    this.squares = new Float64Array(buckets);
  }

  add({ buckets, values, count }: ValueBatch): void {
    for (let index = 0; index < count; index++) {
      const bucket = buckets[index]!;
      const value = values[index]!;
      const difference = value - this.means[bucket]!;
      const mean = this.means[bucket]! + difference / ++this.counts[bucket]!;
      this.means[bucket] = mean;
      this.squares[bucket]! += difference * (value - mean);
    }
  }

  pointOf(bucket: number): number | null {
    const count = this.counts[bucket]!;
    return count === 0 ? null : Math.sqrt(this.squares[bucket]! / count);
  }
}

export class Extremes implements BucketValues {
  /** NaN marks an empty bucket; no sample is NaN. */
  private readonly extremes: Float64Array;

  constructor(
    buckets: number,
    private readonly which: 'smallest' | 'largest',
  ) {
    this.extremes = new Float64Array(buckets).fill(NaN);
  }

  add({ buckets, values, count }: ValueBatch): void {
    const isLargest = this.which === 'largest';
    for (let index = 0; index < count; index++) {
      const bucket = buckets[index]!;
      const value = values[index]!;
      const extreme = this.extremes[bucket]!;
      // The comparison with NaN is false, so the first value of a bucket is always taken.
      const isWithin = isLargest ? value <= extreme : value >= extreme;
      if (!isWithin) this.extremes[bucket] = value;
    }
  }

  pointOf(bucket: number): number | null {
    const extreme = this.extremes[bucket]!;
    return Number.isNaN(extreme) ? null : extreme;
  }
}

/** Keeps the earliest value of each bucket. If several values have the same time, the one of the oldest series is kept. */
export class Firsts implements BucketValues {
  private readonly values: Float64Array;
  private readonly times: Float64Array;

  constructor(buckets: number) {
    this.values = new Float64Array(buckets);
    this.times = new Float64Array(buckets).fill(Infinity);
  }

  add(batch: ValueBatch): void {
    for (let index = 0; index < batch.count; index = endOfBucket(batch, index)) {
      const bucket = batch.buckets[index]!;
      const at = batch.times[index]!;
      if (at >= this.times[bucket]!) continue;
      this.times[bucket] = at;
      this.values[bucket] = batch.values[index]!;
    }
  }

  pointOf(bucket: number): number | null {
    return this.times[bucket] === Infinity ? null : this.values[bucket]!;
  }
}
