import { CompensatedSum } from './compensated-sum.js';
import type { MetricDefinition } from './metric-definitions.js';

/** One sample of a series, without the properties that all samples of the series share. */
export interface SeriesSample {
  /** The metric's name. For a part of a histogram, it includes the suffix. */
  readonly name: string;
  readonly value: number;
  /** The upper bound of a bucket. */
  readonly le?: string;
  /** The time in milliseconds since the epoch. */
  readonly timestamp?: number | undefined;
}

/** The values of one series since its last batch. */
export interface SeriesValue {
  /**
   * Adds a value to a counter or a histogram, or sets a gauge to it.
   *
   * @returns whether the value was taken; an invalid one changes nothing
   */
  take(value: number): boolean;
  samples(): SeriesSample[];
}

/** @param hasTimestamps whether samples of gauges have the time at which they were set */
export function createValue(metric: MetricDefinition, hasTimestamps: boolean): SeriesValue {
  if (metric.kind === 'gauge') return new GaugeValue(metric.name, hasTimestamps);
  return metric.kind === 'counter' ? new CounterValue(metric.name) : new HistogramValue(metric);
}

class CounterValue implements SeriesValue {
  private readonly sum = new CompensatedSum();

  constructor(private readonly name: string) {}

  take(value: number): boolean {
    return value >= 0 && this.sum.add(value);
  }

  samples(): SeriesSample[] {
    return [{ name: this.name, value: this.sum.value }];
  }
}

class GaugeValue implements SeriesValue {
  private value = 0;
  private setAtMs = 0;

  constructor(
    private readonly name: string,
    private readonly hasTimestamps: boolean,
  ) {}

  take(value: number): boolean {
    this.value = value;
    this.setAtMs = Date.now();
    return true;
  }

  samples(): SeriesSample[] {
    return [{ name: this.name, value: this.value, timestamp: this.hasTimestamps ? this.setAtMs : undefined }];
  }
}

class HistogramValue implements SeriesValue {
  private readonly sum = new CompensatedSum();
  /** The counts of the buckets, which are not cumulative. The last one is for values above all bounds. */
  private readonly counts: number[];

  constructor(private readonly metric: MetricDefinition) {
    this.counts = Array.from({ length: metric.bounds.length + 1 }, () => 0);
  }

  take(value: number): boolean {
    if (!(value >= 0 && this.sum.add(value))) return false;
    const { bounds } = this.metric;
    let bucket = 0;
    while (bucket < bounds.length && value > bounds[bucket]!) bucket++;
    this.counts[bucket]!++;
    return true;
  }

  /**
   * Returns the cumulative buckets, the sum and the count. The last bucket is infinite and equals the count. Empty buckets are
   * included, so that every bucket gets a series.
   */
  samples(): SeriesSample[] {
    const { name, bounds } = this.metric;
    let total = 0;
    const buckets = this.counts.map((own, index) => {
      total += own;
      return { name: `${name}_bucket`, value: total, le: `${bounds[index] ?? '+Inf'}` };
    });
    return [...buckets, { name: `${name}_sum`, value: this.sum.value }, { name: `${name}_count`, value: total }];
  }
}
