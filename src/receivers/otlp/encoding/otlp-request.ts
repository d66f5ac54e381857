import type { Temporality } from '../../../catalog/metric/metric.js';

/**
 * What an OTLP export of metrics says, whichever encoding it came in: as much of it as becomes samples. Exemplars, minima and
 * maxima and links to schemas are not in it.
 * Source: https://github.com/open-telemetry/opentelemetry-proto (metrics/v1/metrics.proto)
 */
export interface OtlpRequest {
  readonly resources: readonly OtlpResource[];
}

/** Something that sends, such as a process of a service, with its metrics. */
export interface OtlpResource {
  readonly attributes: readonly OtlpAttribute[];
  readonly scopes: readonly OtlpScope[];
}

/** The library that measures. */
export interface OtlpScope {
  readonly name: string;
  readonly version: string;
  readonly schemaUrl: string;
  readonly attributes: readonly OtlpAttribute[];
  readonly metrics: readonly OtlpMetric[];
}

/** A key and its value as text: numbers in decimal, lists and maps as JSON, bytes in base64. */
export interface OtlpAttribute {
  readonly key: string;
  readonly value: string;
}

export interface OtlpMetric {
  readonly name: string;
  readonly description: string;
  /** In UCUM's case-sensitive notation, as OpenTelemetry has it: `s`, `By`, `{request}`. */
  readonly unit: string;
  readonly points: OtlpPoints;
}

export type OtlpPoints =
  | { readonly kind: 'gauge'; readonly points: readonly OtlpNumber[] }
  | {
      readonly kind: 'sum';
      readonly points: readonly OtlpNumber[];
      /** Null where the sender does not say, which the protocol forbids. */
      readonly temporality: Temporality | null;
      readonly isMonotonic: boolean;
    }
  | { readonly kind: 'histogram'; readonly points: readonly OtlpHistogram[]; readonly temporality: Temporality | null }
  | { readonly kind: 'summary'; readonly points: readonly OtlpSummary[] }
  | { readonly kind: 'exponential histogram'; readonly count: number }
  /** Of no kind that was known when this was written. */
  | { readonly kind: 'unknown' };

/** What data points of all kinds have. */
export interface OtlpPoint {
  readonly attributes: readonly OtlpAttribute[];
  /** Milliseconds since the epoch; null where the sender does not say. */
  readonly timestamp: number | null;
  /** When a running total was zero, milliseconds since the epoch; null where the sender does not say. */
  readonly startedAt: number | null;
  /** The series has ended, or has a gap: there is no value. */
  readonly hasNoValue: boolean;
}

export interface OtlpNumber extends OtlpPoint {
  /** Null where the sender left it out. */
  readonly value: number | null;
}

export interface OtlpHistogram extends OtlpPoint {
  readonly count: number;
  /** Null where the sender does not know it. */
  readonly sum: number | null;
  /** Observations of each bucket alone: one more than there are bounds, or none at all. */
  readonly bucketCounts: readonly number[];
  readonly bounds: readonly number[];
}

export interface OtlpSummary extends OtlpPoint {
  readonly count: number;
  readonly sum: number;
  readonly quantiles: readonly { readonly quantile: number; readonly value: number }[];
}
