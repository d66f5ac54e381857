import type { Temporality } from '../../../catalog/metric/metric.js';

/**
 * The part of an OTLP metrics export that becomes samples, independent of the encoding. Exemplars, minima, maxima and the schema
 * URLs of resources are left out.
 *
 * Source: https://github.com/open-telemetry/opentelemetry-proto (metrics/v1/metrics.proto)
 */
export interface OtlpRequest {
  readonly resources: readonly OtlpResource[];
}

/** A source of metrics, such as a process of a service. */
export interface OtlpResource {
  readonly attributes: readonly OtlpAttribute[];
  readonly scopes: readonly OtlpScope[];
}

/** The instrumentation library that produces the metrics. */
export interface OtlpScope {
  readonly name: string;
  readonly version: string;
  readonly schemaUrl: string;
  readonly attributes: readonly OtlpAttribute[];
  readonly metrics: readonly OtlpMetric[];
}

/** A key with its value as text. Numbers are decimal, lists and maps are JSON, and bytes are base64. */
export interface OtlpAttribute {
  readonly key: string;
  readonly value: string;
}

export interface OtlpMetric {
  readonly name: string;
  readonly description: string;
  /** The unit in UCUM's case-sensitive notation, as in OpenTelemetry: `s`, `By`, `{request}`. */
  readonly unit: string;
  readonly points: OtlpPoints;
}

export type OtlpPoints =
  | { readonly kind: 'gauge'; readonly points: readonly OtlpNumber[] }
  | {
      readonly kind: 'sum';
      readonly points: readonly OtlpNumber[];
      /** The temporality; null if the client does not set it, which the protocol forbids. */
      readonly temporality: Temporality | null;
      readonly isMonotonic: boolean;
    }
  | { readonly kind: 'histogram'; readonly points: readonly OtlpHistogram[]; readonly temporality: Temporality | null }
  | { readonly kind: 'summary'; readonly points: readonly OtlpSummary[] }
  | {
      readonly kind: 'exponential histogram';
      readonly points: readonly OtlpExponentialHistogram[];
      readonly temporality: Temporality | null;
    }
  /** The metric has no data, or data of a kind that this code does not know. */
  | { readonly kind: 'unknown' };

/** The properties that data points of all kinds share. */
export interface OtlpPoint {
  readonly attributes: readonly OtlpAttribute[];
  /** The time in milliseconds since the epoch; null if the client does not set it. */
  readonly timestamp: number | null;
  /** The time at which a running total was zero, in milliseconds since the epoch; null if the client does not set it. */
  readonly startedAt: number | null;
  /** True if there is no value, because the series has ended or has a gap. */
  readonly hasNoValue: boolean;
}

export interface OtlpNumber extends OtlpPoint {
  /** The value; null if the client left it out. */
  readonly value: number | null;
}

export interface OtlpHistogram extends OtlpPoint {
  readonly count: number;
  /** The sum; null if the client does not know it. */
  readonly sum: number | null;
  /** The number of observations in each bucket, not cumulative. There is one more bucket than bounds, or none at all. */
  readonly bucketCounts: readonly number[];
  readonly bounds: readonly number[];
}

export interface OtlpExponentialHistogram extends OtlpPoint {
  readonly count: number;
  /** The sum; null if the client does not know it. */
  readonly sum: number | null;
  /** The resolution: each bound is `2 ** (2 ** -scale)` times the one below it. */
  readonly scale: number;
  /** The number of observations from `-zeroThreshold` to `zeroThreshold`. */
  readonly zeroCount: number;
  readonly zeroThreshold: number;
  readonly positive: OtlpBuckets;
  readonly negative: OtlpBuckets;
}

/** The buckets of an exponential histogram for values of one sign. */
export interface OtlpBuckets {
  /** The index of the first bucket. The bucket with the index `i` begins at the base to the power of `i`. */
  readonly offset: number;
  /** The number of buckets that were sent. */
  readonly length: number;
  /** The number of observations in each bucket. The list is empty if more than MAX_EXPONENTIAL_BUCKETS were sent. */
  readonly counts: readonly number[];
}

export interface OtlpSummary extends OtlpPoint {
  readonly count: number;
  readonly sum: number;
  readonly quantiles: readonly { readonly quantile: number; readonly value: number }[];
}
