import { addCompensated } from '../../../live-values/compensated-sum.js';
import { type Aggregate, isPercentile, quantileOf } from './aggregate.js';
import { quantile } from './quantile.js';
import type { Turns } from '../../../scheduling/turns.js';

/** Collects the values of one group by bucket and turns them into points. */
export interface BucketValues {
  add(bucket: number, value: number): void;
  /** Returns the point of a bucket; null when the bucket has no value. */
  pointOf(bucket: number, turns: Turns): number | null | Promise<number | null>;
}

/** The rules for turning buckets into points. */
export interface PointRules {
  readonly aggregate: Exclude<Aggregate, 'last'>;
  readonly buckets: number;
  readonly stepMs: number;
  /** Whether values are the growth of a counter; a bucket without pushes then has a growth of 0. */
  readonly isIncrease: boolean;
}

export function createBucketValues({ aggregate, buckets, stepMs, isIncrease }: PointRules): BucketValues {
  if (isPercentile(aggregate)) return new Quantiles(buckets, quantileOf(aggregate));
  switch (aggregate) {
    case 'min':
      return new Extremes(buckets, (value, extreme) => value < extreme);
    case 'max':
      return new Extremes(buckets, (value, extreme) => value > extreme);
    case 'count':
      return new Counts(buckets);
    case 'avg':
      return new Averages(buckets);
    case 'rate':
      return new Sums(buckets, isIncrease, stepMs / 1_000);
    case 'sum':
    case 'increase':
      return new Sums(buckets, isIncrease, 1);
    default:
      return aggregate satisfies never;
  }
}

class Counts implements BucketValues {
  private readonly counts: Float64Array;

  constructor(buckets: number) {
    this.counts = new Float64Array(buckets);
  }

  add(bucket: number): void {
    this.counts[bucket]!++;
  }

  pointOf(bucket: number): number {
    return this.counts[bucket]!;
  }
}

/** Sums are compensated: a million times 0.1 is 100000, in any order. */
class Sums implements BucketValues {
  private readonly highs: Float64Array;
  private readonly lows: Float64Array;
  private readonly isFilled: Uint8Array;

  constructor(
    buckets: number,
    private readonly isZeroWhenEmpty: boolean,
    private readonly divisor: number,
  ) {
    this.highs = new Float64Array(buckets);
    this.lows = new Float64Array(buckets);
    this.isFilled = new Uint8Array(buckets);
  }

  add(bucket: number, value: number): void {
    addCompensated(this.highs, this.lows, bucket, value);
    this.isFilled[bucket] = 1;
  }

  pointOf(bucket: number): number | null {
    return this.isFilled[bucket] || this.isZeroWhenEmpty ? this.highs[bucket]! / this.divisor : null;
  }
}

class Averages implements BucketValues {
  private readonly sums: Sums;
  private readonly counts: Counts;

  constructor(buckets: number) {
    this.sums = new Sums(buckets, false, 1);
    this.counts = new Counts(buckets);
  }

  add(bucket: number, value: number): void {
    this.sums.add(bucket, value);
    this.counts.add(bucket);
  }

  pointOf(bucket: number): number | null {
    const sum = this.sums.pointOf(bucket);
    return sum === null ? null : sum / this.counts.pointOf(bucket);
  }
}

class Extremes implements BucketValues {
  /** NaN marks an empty bucket; no sample is NaN. */
  private readonly extremes: Float64Array;

  constructor(
    buckets: number,
    private readonly isBeyond: (value: number, extreme: number) => boolean,
  ) {
    this.extremes = new Float64Array(buckets).fill(NaN);
  }

  add(bucket: number, value: number): void {
    const extreme = this.extremes[bucket]!;
    if (Number.isNaN(extreme) || this.isBeyond(value, extreme)) this.extremes[bucket] = value;
  }

  pointOf(bucket: number): number | null {
    const extreme = this.extremes[bucket]!;
    return Number.isNaN(extreme) ? null : extreme;
  }
}

/**
 * Keeps every value at 8 bytes each, so HISTORY_MAX_SAMPLES bounds it. The result is exact, where a sketch would be smaller.
 * Sorting five million values takes half a second, so the wanted one is selected in turns instead.
 */
class Quantiles implements BucketValues {
  private readonly values: (number[] | undefined)[];

  constructor(
    buckets: number,
    private readonly share: number,
  ) {
    this.values = Array.from({ length: buckets });
  }

  add(bucket: number, value: number): void {
    (this.values[bucket] ??= []).push(value);
  }

  async pointOf(bucket: number, turns: Turns): Promise<number | null> {
    const values = this.values[bucket];
    if (values === undefined) return null;
    // Each bucket is read only once, so its values are freed.
    this.values[bucket] = undefined;
    return quantile(values, this.share, turns);
  }
}
