/** A bucket of a classic histogram: the number of observations that are at most `upperBound`. */
export interface Bucket {
  readonly upperBound: number;
  count: number;
}

/** The range of bounds of the buckets that had to be raised so that none counts less than the one below it. */
export interface LiftedBuckets {
  readonly lowestBound: number;
  readonly highestBound: number;
  readonly largestDifference: number;
}

/** Two counts whose relative difference is smaller than this differ only by rounding. */
const ROUNDING_TOLERANCE = 1e-12;

/**
 * Returns a quantile of a classic histogram, with linear interpolation in the bucket that it falls into.
 *
 * @param given at least one bucket, in any order; the list is not changed
 * @returns the quantile, which is NaN without a bucket for `+Inf`, with a single bucket, or without observations; and the buckets
 * that had to be raised, or null
 */
export function bucketQuantile(
  q: number,
  given: readonly Bucket[],
): { readonly value: number; readonly lifted: LiftedBuckets | null } {
  if (Number.isNaN(q)) {
    return { value: NaN, lifted: null };
  }
  if (q < 0 || q > 1) {
    return { value: q < 0 ? -Infinity : Infinity, lifted: null };
  }
  const buckets = mergeBuckets(given);
  if (buckets.at(-1)!.upperBound !== Infinity) {
    return { value: NaN, lifted: null };
  }
  const lifted = liftBuckets(buckets);
  const observations = buckets.at(-1)!.count;
  if (buckets.length < 2 || observations === 0) {
    return { value: NaN, lifted };
  }
  return { value: interpolateRank(buckets, q * observations), lifted };
}

function interpolateRank(buckets: readonly Bucket[], rank: number): number {
  const last = buckets.length - 1;
  let place = 0;
  // The condition is not `count < rank`, because a NaN count never reaches any rank.
  while (place < last && !(buckets[place]!.count >= rank)) {
    place++;
  }
  if (place === last) {
    return buckets[last - 1]!.upperBound;
  }
  const bucket = buckets[place]!;
  if (place === 0) {
    return bucket.upperBound <= 0 ? bucket.upperBound : bucket.upperBound * (rank / bucket.count);
  }
  const below = buckets[place - 1]!;
  const share = (rank - below.count) / (bucket.count - below.count);
  return below.upperBound + (bucket.upperBound - below.upperBound) * share;
}

/**
 * Returns the share of observations in `(lower, upper]`, with linear interpolation. The result is NaN without a bucket for
 * `+Inf`, without observations, or if a bound is NaN.
 */
export function bucketFraction(lower: number, upper: number, given: readonly Bucket[]): number {
  const buckets = mergeBuckets(given);
  const total = buckets.at(-1)!;
  if (total.upperBound !== Infinity || total.count === 0 || Number.isNaN(lower) || Number.isNaN(upper)) {
    return NaN;
  }
  if (lower >= upper) {
    return 0;
  }
  return (rankOf(upper, buckets) - rankOf(lower, buckets)) / total.count;
}

/** Returns the number of observations below a value. */
function rankOf(value: number, buckets: readonly Bucket[]): number {
  const total = buckets.at(-1)!.count;
  // Without buckets for negative values, a histogram begins at 0.
  let lowerBound = buckets[0]!.upperBound <= 0 ? -Infinity : 0;
  let below = 0;
  for (const { upperBound, count } of buckets) {
    if (lowerBound >= value) {
      return Math.min(below, total);
    }
    if (upperBound > value) {
      const rank =
        lowerBound === -Infinity ? count : below + ((count - below) * (value - lowerBound)) / (upperBound - lowerBound);
      return rank > total ? total : rank;
    }
    lowerBound = upperBound;
    below = count;
  }
  return total;
}

/** Sorts the buckets and merges those with the same bound (`le="1"` and `le="1.0"`). */
function mergeBuckets(given: readonly Bucket[]): Bucket[] {
  const merged: Bucket[] = [];
  for (const { upperBound, count } of given.toSorted(byBound)) {
    const last = merged.at(-1);
    if (last?.upperBound === upperBound) {
      last.count += count;
    } else {
      merged.push({ upperBound, count });
    }
  }
  return merged;
}

function byBound(a: Bucket, b: Bucket): number {
  return a.upperBound < b.upperBound ? -1 : Number(a.upperBound > b.upperBound);
}

/** Raises buckets so that none counts less than the one below it. Rounding differences are corrected without a message. */
function liftBuckets(buckets: readonly Bucket[]): LiftedBuckets | null {
  let lowestBound = Infinity;
  let highestBound = -Infinity;
  let largestDifference = 0;
  let before = buckets[0]!.count;
  for (const bucket of buckets.slice(1)) {
    const { count, upperBound } = bucket;
    if (differsByRounding(before, count)) {
      bucket.count = before;
    } else if (count < before) {
      bucket.count = before;
      lowestBound = Math.min(lowestBound, upperBound);
      highestBound = Math.max(highestBound, upperBound);
      largestDifference = Math.max(largestDifference, before - count);
    } else {
      before = count;
    }
  }
  return lowestBound <= highestBound ? { lowestBound, highestBound, largestDifference } : null;
}

const SMALLEST_NORMAL = 2.2250738585072014e-308;

function differsByRounding(a: number, b: number): boolean {
  if (a === b || (Number.isNaN(a) && Number.isNaN(b))) {
    return true;
  }
  const difference = Math.abs(a - b);
  const size = Math.abs(a) + Math.abs(b);
  if (a === 0 || b === 0 || size < SMALLEST_NORMAL) {
    return difference < ROUNDING_TOLERANCE * SMALLEST_NORMAL;
  }
  return difference / Math.min(size, Number.MAX_VALUE) < ROUNDING_TOLERANCE;
}
