import type { Refusal } from '../../../catalog/refusal.js';
import { abbreviate } from '../../../outside-text/abbreviate.js';
import { type IncomingSample, staleMarker } from '../../../ingestion/incoming-sample.js';
import type { Labels } from './otlp-labels.js';
import { invalid, noTemporality, notFinite, unusableName } from './otlp-refusals.js';
import type { OtlpNumber, OtlpSummary } from '../encoding/otlp-request.js';

/** Maps one data point with its labels to samples, or returns the reason why that is not possible. */
export type Mapped<Point> = (point: Point, labels: Labels) => IncomingSample[] | Refusal;

/** A metric with its name in Prometheus. */
export interface Described {
  readonly name: string;
  readonly help: string;
  readonly unit: string;
  /** The name as it was sent. */
  readonly sentName: string;
}

export function mapGauge({ name, help, unit, sentName }: Described): Mapped<OtlpNumber> {
  return ({ value, timestamp, hasNoValue }, labels) => {
    if (name === '') return unusableName(sentName);
    if (hasNoValue) return [staleMarker(name, labels, timestamp)];
    if (value === null || Number.isNaN(value)) return notFinite(name, value);
    return [{ name, value, labels, type: 'gauge', help, unit, timestamp }];
  };
}

/** Maps a sum. A sum that can fall is a gauge whose values are totals (cumulative) or changes (delta). */
export function mapSum(
  { name, help, unit, sentName }: Described,
  isMonotonic: boolean,
  temporality: 'delta' | 'cumulative' | null,
): Mapped<OtlpNumber> {
  const isGaugeAsItStands = !isMonotonic && temporality === 'cumulative';
  return ({ value, timestamp, startedAt, hasNoValue }, labels) => {
    if (name === '') return unusableName(sentName);
    if (hasNoValue) return [staleMarker(name, labels, timestamp)];
    if (temporality === null) return noTemporality(name);
    if (value === null || Number.isNaN(value)) return notFinite(name, value);
    if (!isGaugeAsItStands && !Number.isFinite(value)) return notFinite(name, value);
    return [
      {
        name,
        value,
        labels,
        type: isMonotonic ? 'counter' : 'gauge',
        temporality: isGaugeAsItStands ? undefined : temporality,
        help,
        unit,
        timestamp,
        startedAt,
      },
    ];
  };
}

/** Maps a summary. Its quantiles are gauges, and its sum and count are counters. */
export function mapSummary({ name, help, unit, sentName }: Described, maxQuantiles: number): Mapped<OtlpSummary> {
  return ({ quantiles, sum, count, timestamp, startedAt, hasNoValue }, labels) => {
    if (name === '') return unusableName(sentName);
    if (hasNoValue) return [];
    // Each quantile becomes a sample with all labels, like a bucket, so the number of quantiles is limited as well.
    if (quantiles.length > maxQuantiles) {
      return invalid(
        `${abbreviate(name)} has ${quantiles.length} quantiles, the limit (HISTOGRAM_MAX_BUCKETS) is ${maxQuantiles}.`,
      );
    }
    if (!Number.isFinite(sum)) return notFinite(name, sum);
    const counter = { labels, type: 'counter', temporality: 'cumulative', help, timestamp, startedAt } as const;
    return [
      // Quantiles without observations are NaN and are left out.
      ...quantiles
        .filter(({ value }) => !Number.isNaN(value))
        .map(({ quantile, value }): IncomingSample => {
          const itsLabels = { ...labels, quantile: String(quantile) };
          return { name, value, labels: itsLabels, type: 'gauge', help, unit, timestamp };
        }),
      { ...counter, name: `${name}_sum`, value: sum },
      { ...counter, name: `${name}_count`, value: count },
    ];
  };
}
