/** The number of series whose totals are stored together. */
export const SERIES_PER_BUCKET = 64;

const FIELDS = 3;

/** Returns the bucket of a series. A bucket holds series with consecutive ids. */
export function bucketOf(seriesId: number): number {
  return Math.floor(seriesId / SERIES_PER_BUCKET);
}

/** Returns the index of a series in its bucket. */
export function memberOf(seriesId: number): number {
  return seriesId % SERIES_PER_BUCKET;
}

/**
 * Holds the running totals of 64 series. It is stored as 192 doubles, little-endian: all high doubles of the compensated sums,
 * all low doubles, and the times.
 */
export class TotalsBucket {
  readonly highs: Float64Array;
  readonly lows: Float64Array;
  /**
   * The time of the last sample that was forwarded, in milliseconds since the epoch. NaN means that the series has had no sample
   * yet, and -Infinity that its samples arrived before the forwarding began.
   */
  readonly lastAts: Float64Array;

  private constructor(private readonly doubles: Float64Array) {
    this.highs = doubles.subarray(0, SERIES_PER_BUCKET);
    this.lows = doubles.subarray(SERIES_PER_BUCKET, 2 * SERIES_PER_BUCKET);
    this.lastAts = doubles.subarray(2 * SERIES_PER_BUCKET);
  }

  static empty(): TotalsBucket {
    const bucket = new TotalsBucket(new Float64Array(FIELDS * SERIES_PER_BUCKET));
    bucket.lastAts.fill(NaN);
    return bucket;
  }

  static unpack(packed: Uint8Array): TotalsBucket {
    // The bytes are copied, because a Float64Array needs an aligned buffer.
    const doubles = new Float64Array(FIELDS * SERIES_PER_BUCKET);
    new Uint8Array(doubles.buffer).set(packed);
    return new TotalsBucket(doubles);
  }

  pack(): Uint8Array {
    return new Uint8Array(this.doubles.buffer);
  }
}
