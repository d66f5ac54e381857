import { Refusal } from '../../../catalog/refusal.js';
import type { Temporality } from '../../../catalog/metric/metric.js';
import { type IncomingBucket, samplesOfHistogram } from '../../../ingestion/histograms/incoming-histogram.js';
import { type IncomingSample, staleMarker } from '../../../ingestion/incoming-sample.js';
import type { TextLimits } from '../../../ingestion/text-lengths.js';
import { abbreviate } from '../../../outside-text/abbreviate.js';
import type { OtlpExponentialHistogram, OtlpHistogram, OtlpPoint } from '../encoding/otlp-request.js';
import { classicBucketsOf, faultOf } from './exponential-buckets.js';
import type { ExponentialLayout } from './exponential-layout.js';
import type { Labels } from './otlp-labels.js';
import type { Described, Mapped } from './otlp-points.js';
import { invalid, noTemporality, unusableName } from './otlp-refusals.js';

/** A histogram with explicit or exponential buckets. */
type AnyHistogram = OtlpPoint & { readonly count: number; readonly sum: number | null };

/** Maps the histograms of one request. */
export class HistogramMapping {
  private items = 0;

  constructor(private readonly limits: TextLimits) {}

  /** Maps histograms with explicit buckets. */
  mapExplicit(described: Described, temporality: Temporality | null): Mapped<OtlpHistogram> {
    return (point, labels) => {
      const { bounds, bucketCounts, hasNoValue } = point;
      if (described.name === '') return unusableName(described.sentName);
      // Without bounds, the bucket series are unknown, and a histogram must not end only in part.
      if (hasNoValue) return bounds.length === 0 ? [] : this.endsOf(described, point, labels, bounds);
      if (temporality === null) return noTemporality(described.name);
      if (bucketCounts.length > 0 && bucketCounts.length !== bounds.length + 1) {
        return invalid(
          `${described.name} has ${bucketCounts.length} bucket counts for ${bounds.length} bounds; it needs one more than bounds.`,
        );
      }
      let below = 0;
      const buckets = bucketCounts.map((inBucket, index) => {
        below += inBucket;
        return { bound: bounds[index] ?? Infinity, count: below };
      });
      return this.samplesOf(described, temporality, point, labels, buckets);
    };
  }

  /** Maps exponential histograms to classic ones with the bounds of a layout. */
  mapExponential(
    described: Described,
    temporality: Temporality | null,
    layout: ExponentialLayout,
  ): Mapped<OtlpExponentialHistogram> {
    return (point, labels) => {
      if (described.name === '') return unusableName(described.sentName);
      if (point.hasNoValue) return this.endsOf(described, point, labels, layout.bounds);
      if (temporality === null) return noTemporality(described.name);
      const fault = faultOf(point);
      if (fault !== undefined) return invalid(`${abbreviate(described.name)} ${fault}`);
      const buckets = classicBucketsOf(point, layout, temporality === 'cumulative');
      return this.samplesOf(described, temporality, point, labels, buckets);
    };
  }

  private samplesOf(
    { name, help, unit }: Described,
    temporality: Temporality,
    { sum, count, timestamp, startedAt }: AnyHistogram,
    labels: Labels,
    buckets: readonly IncomingBucket[],
  ): IncomingSample[] | Refusal {
    const histogram = { name, labels, temporality, help, unit, timestamp, startedAt, buckets, sum, count };
    return samplesOfHistogram(histogram, this.items++, this.limits);
  }

  /** Returns stale markers for all series of a histogram. */
  private endsOf(
    described: Described,
    point: OtlpPoint,
    labels: Labels,
    bounds: readonly number[],
  ): IncomingSample[] | Refusal {
    const buckets = bounds.map((bound) => ({ bound, count: 0 }));
    const parts = this.samplesOf(described, 'delta', { ...point, sum: 0, count: 0 }, labels, buckets);
    if (parts instanceof Refusal) return parts;
    return parts.map((part) => staleMarker(part.name, part.labels!, point.timestamp));
  }
}
