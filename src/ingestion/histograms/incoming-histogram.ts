import { HISTOGRAM_SUFFIX } from '../../catalog/metric/histogram-family.js';
import type { Temporality } from '../../catalog/metric/metric.js';
import { Refusal } from '../../catalog/refusal.js';
import type { IncomingLabelValue, IncomingSample } from '../incoming-sample.js';
import { checkLabelCount } from '../label-count.js';
import { checkTextLengths, type TextLimits } from '../text-lengths.js';

/** A bucket, which counts the observations up to `bound`. */
export interface IncomingBucket {
  /** The upper bound, which may be Infinity. */
  readonly bound: number;
  readonly count: number;
}

/** A histogram as a receiver passes it on. It contains the observations since the last push, or running totals. */
export interface IncomingHistogram {
  readonly name: string;
  readonly labels?: Readonly<Record<string, IncomingLabelValue>>;
  /** Cumulative buckets in any order. The bucket of +Inf may be left out, because it equals the count. */
  readonly buckets: readonly IncomingBucket[];
  /** Null if the client does not know the sum, as with negative observations in OpenTelemetry. */
  readonly sum: number | null;
  readonly count: number;
  readonly temporality?: Temporality | null;
  readonly help?: string | null;
  readonly unit?: string | null;
  /** The time of the histogram in milliseconds since the epoch. */
  readonly timestamp?: number | null;
  /** The time at which a client with running totals began to count; see {@link IncomingSample.startedAt}. */
  readonly startedAt?: number | null;
}

/**
 * Returns the counters that a histogram consists of in Prometheus: `_bucket` with the label `le`, `_sum` and `_count`. Returns a
 * refusal if the histogram is invalid or above a limit.
 *
 * Bucket bounds may differ from push to push, because each bound is a separate series that counts the observations sent for it.
 *
 * @param item a number that is unique among the histograms of the batch; parts with the same number are accepted or refused
 * together
 * @param limits the limits of one series, which are checked here, before each bucket gets a copy of the labels
 */
export function samplesOfHistogram(
  histogram: IncomingHistogram,
  item: number,
  limits: TextLimits,
): IncomingSample[] | Refusal {
  const { name, labels, sum, count, temporality, help, unit, timestamp, startedAt } = histogram;
  const tooLarge = checkExpansion(histogram, limits);
  if (tooLarge !== undefined) return tooLarge;
  const buckets = histogram.buckets.toSorted((a, b) => a.bound - b.bound);
  const fault = faultOf(buckets, sum, count);
  if (fault !== undefined) {
    return new Refusal(
      'histogram_invalid',
      `The histogram ${name} ${fault}. Buckets are cumulative: each one counts all observations up to its bound.`,
    );
  }
  if (labels?.le !== undefined) {
    return new Refusal(
      'bucket_label_invalid',
      `The histogram ${name} has a label le of its own, which is the bound of a bucket. Rename it.`,
    );
  }
  if (buckets.at(-1)?.bound !== Infinity) buckets.push({ bound: Infinity, count });
  const part = { type: 'counter', temporality, timestamp, startedAt, histogram: { name, item, help, unit } } as const;
  const samples: IncomingSample[] = [];
  for (const bucket of buckets) {
    const le = bucket.bound === Infinity ? '+Inf' : String(bucket.bound);
    samples.push({ ...part, name: name + HISTOGRAM_SUFFIX.bucket, labels: { ...labels, le }, value: bucket.count });
  }
  if (sum !== null) samples.push({ ...part, name: name + HISTOGRAM_SUFFIX.sum, labels, value: sum });
  samples.push({ ...part, name: name + HISTOGRAM_SUFFIX.count, labels, value: count });
  return samples;
}

function checkExpansion(histogram: IncomingHistogram, limits: TextLimits): Refusal | undefined {
  const { name, labels, buckets } = histogram;
  const tooLong = checkTextLengths(histogram, limits);
  if (tooLong !== undefined) return tooLong;
  // Each bucket becomes a sample with all labels. Without a limit, fifty kilobytes that are half labels and half buckets would
  // take seconds, and a megabyte would exhaust the memory.
  const { histogramMaxBuckets } = limits;
  if (buckets.length > histogramMaxBuckets) {
    return new Refusal(
      'histogram_invalid',
      `The histogram ${name} has ${buckets.length} buckets, the limit (HISTOGRAM_MAX_BUCKETS) is ${histogramMaxBuckets}. Use fewer, ` +
        'wider buckets.',
    );
  }
  return checkLabelCount(name, labels, limits.maxLabels);
}

/**
 * Returns what is wrong with a histogram, or undefined if it is valid.
 *
 * @param buckets the buckets in ascending order of their bounds
 */
function faultOf(buckets: readonly IncomingBucket[], sum: number | null, count: number): string | undefined {
  if (!(count >= 0) || !Number.isFinite(count)) return `has the count ${count}, which is not a number of observations`;
  if (sum !== null && !Number.isFinite(sum)) return `has the sum ${sum}, which is not a finite number`;
  let below = 0;
  let previous = NaN;
  for (const { bound, count: upTo } of buckets) {
    if (Number.isNaN(bound) || bound === -Infinity) return `has a bucket with the bound ${bound}`;
    if (bound === previous) return `has two buckets with the bound ${bound}`;
    if (!(upTo >= below)) return `has ${upTo} in the bucket up to ${bound}, and ${below} below it`;
    if (upTo > count) return `has ${upTo} in the bucket up to ${bound}, and a count of ${count}`;
    below = upTo;
    previous = bound;
  }
  if (previous === Infinity && below !== count) return `has ${below} in the bucket up to +Inf, and a count of ${count}`;
  return undefined;
}
