import type { IncomingBucket } from '../../../ingestion/histograms/incoming-histogram.js';
import type { OtlpBuckets, OtlpExponentialHistogram } from '../encoding/otlp-request.js';
import type { ExponentialLayout } from './exponential-layout.js';

/** Maximum number of buckets of one sign. SDKs send at most 160 or 320. The counts of longer lists are not read. */
export const MAX_EXPONENTIAL_BUCKETS = 10_000;

const MIN_SCALE = -10;
const MAX_SCALE = 20;
const MIN_OFFSET = -(2 ** 31);
const MAX_OFFSET = 2 ** 31 - 1;

/**
 * Maximum relative difference between the count of a histogram and the sum of its buckets if the count is above 2^53. A
 * difference is possible, because not all integers above 2^53 are doubles.
 */
const ROUNDING_TOLERANCE = 1e-12;

/**
 * Converts an exponential histogram to cumulative buckets with the bounds of a layout, without the bucket for +Inf.
 *
 * A bucket counts the observations in `(base ** i, base ** (i + 1)]`, where the base is `2 ** (2 ** -scale)`. At a higher scale
 * than that of the layout, several whole buckets lie between two bounds, so every count is exact. At a lower scale, bounds lie
 * inside a bucket, and it is unknown how many of its observations are below them. Two rules for these bounds keep every series
 * from falling when the scale falls between two exports:
 *
 * - In a delta histogram, a bound counts none of the observations of the bucket that it lies in.
 * - In a cumulative histogram, that count would be lower than in an earlier export at a higher scale, which would look like a
 *   restart. So the bound is left out, and its series stays at its last value, which queries and `/metrics` raise to that of the
 *   next lower bound.
 *
 * Negative observations count at the bound 0 and at all higher ones. There are no negative bounds, because instruments for
 * histograms do not record negative values.
 *
 * @param point a histogram in which {@link faultOf} has found no fault
 */
export function classicBucketsOf(
  point: OtlpExponentialHistogram,
  layout: ExponentialLayout,
  isCumulative: boolean,
): IncomingBucket[] {
  const { bounds } = layout;
  const counts = new Float64Array(bounds.length + 1);
  const isInsideBucket = new Uint8Array(bounds.length);
  counts[0] = sumOf(point.negative);
  addZeros(point, bounds, counts, isInsideBucket);
  addPositive(point, layout, counts, isInsideBucket);
  const buckets: IncomingBucket[] = [];
  let below = 0;
  bounds.forEach((bound, index) => {
    // Above 2^53, the sum of the counts may be rounded to more than the count of the histogram.
    below = Math.min(below + counts[index]!, point.count);
    if (!isCumulative || isInsideBucket[index] === 0) buckets.push({ bound, count: below });
  });
  return buckets;
}

/** Adds the zero bucket, which counts the observations from `-zeroThreshold` to `zeroThreshold`. */
function addZeros(
  { zeroCount, zeroThreshold }: OtlpExponentialHistogram,
  bounds: readonly number[],
  counts: Float64Array,
  isInsideBucket: Uint8Array,
): void {
  if (zeroCount === 0) return;
  const found = bounds.findIndex((bound) => bound >= zeroThreshold);
  const place = found < 0 ? bounds.length : found;
  isInsideBucket.fill(1, 0, place);
  counts[place]! += zeroCount;
}

function addPositive(
  { scale, positive }: OtlpExponentialHistogram,
  layout: ExponentialLayout,
  counts: Float64Array,
  isInsideBucket: Uint8Array,
): void {
  // The width of a bucket, as a multiple of the distance between two bounds. It is a power of two, so the products are exact.
  const width = 2 ** (layout.scale - scale);
  const infinity = layout.bounds.length;
  // The first bound is zero, so the lowest one above it has the place 1.
  const placeOf = (index: number) => Math.min(Math.max(index - layout.firstIndex + 1, 1), infinity);
  positive.counts.forEach((count, position) => {
    if (count === 0) return;
    const lower = (positive.offset + position) * width;
    const place = placeOf(Math.ceil(lower + width));
    isInsideBucket.fill(1, placeOf(Math.floor(lower) + 1), place);
    counts[place]! += count;
  });
}

/** Returns the reason why a histogram can't be converted, as the end of a sentence; undefined if it can. */
export function faultOf(point: OtlpExponentialHistogram): string | undefined {
  const { scale, zeroCount, zeroThreshold, positive, negative, count } = point;
  if (!(scale >= MIN_SCALE && scale <= MAX_SCALE)) {
    return `has the scale ${scale}; it must be from ${MIN_SCALE} to ${MAX_SCALE}.`;
  }
  if (!(zeroThreshold >= 0) || !Number.isFinite(zeroThreshold)) {
    return `has the zeroThreshold ${zeroThreshold}; it must be a finite number of at least 0.`;
  }
  if (!(zeroCount >= 0)) return `has the zeroCount ${zeroCount}; it must be at least 0.`;
  const fault = faultOfSide('positive', positive) ?? faultOfSide('negative', negative);
  if (fault !== undefined) return fault;
  const total = sumOf(negative) + zeroCount + sumOf(positive);
  if (Math.abs(total - count) > (Number.isSafeInteger(count) ? 0 : count * ROUNDING_TOLERANCE)) {
    return `has a count of ${count}, but ${total} in its buckets; send zeroCount and all buckets.`;
  }
  return undefined;
}

function faultOfSide(name: string, { offset, length, counts }: OtlpBuckets): string | undefined {
  if (length > MAX_EXPONENTIAL_BUCKETS) {
    return `has ${length} ${name} buckets, the limit is ${MAX_EXPONENTIAL_BUCKETS}. Use a lower scale.`;
  }
  if (!(offset >= MIN_OFFSET && offset <= MAX_OFFSET)) {
    return `has the ${name} offset ${offset}, which is not a 32-bit integer.`;
  }
  const bad = counts.find((count) => !(count >= 0));
  return bad === undefined ? undefined : `has ${bad} in a ${name} bucket; it must be at least 0.`;
}

function sumOf({ counts }: OtlpBuckets): number {
  let sum = 0;
  for (const count of counts) sum += count;
  return sum;
}
