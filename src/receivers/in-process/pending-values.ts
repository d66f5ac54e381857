import type { IncomingSample } from '../../ingestion/incoming-sample.js';
import type { IncomingHistogram } from '../../ingestion/histograms/incoming-histogram.js';
import type { TextLimits } from '../../ingestion/text-lengths.js';
import { CompensatedSum } from '../../live-values/compensated-sum.js';
import { type InstrumentLabels, type LabelValues, readLabels } from './instrument-labels.js';

/** The definition of a metric of this process. */
export interface InstrumentDefinition {
  readonly kind: 'counter' | 'gauge' | 'histogram';
  readonly name: string;
  readonly help?: string;
  readonly unit?: string;
  /** The checked and sorted labels of all series of the metric. */
  readonly labels?: LabelValues;
  /** The upper bounds of a histogram's buckets, in ascending order. */
  readonly bounds: readonly number[];
}

/** The reason why a value was dropped. */
export type DropReason =
  'invalid_name' | 'invalid_buckets' | 'invalid_labels' | 'invalid_value' | 'too_many_series' | 'store_unavailable';

/**
 * Maximum memory of the texts and buckets of a series, on average over the maximum number of series. Without this limit, ten
 * thousand series with 32 labels of a thousand characters would take half a gigabyte.
 */
const MEAN_SERIES_BYTES = 4_096;

interface PendingSeries {
  readonly definition: InstrumentDefinition;
  readonly labels: LabelValues;
  /** The sum of a counter or a histogram. */
  readonly sum: CompensatedSum;
  /** The counts of a histogram's buckets, not cumulative. The last one is for values above all bounds. */
  readonly counts: Float64Array;
}

/** The values that were collected since the last commit, in the form that ingestion takes. */
export interface CollectedValues {
  readonly samples: readonly IncomingSample[];
  readonly histograms: readonly IncomingHistogram[];
}

/** Adds up values between two commits. A series takes the same memory, no matter how many values it gets. */
export class PendingValues {
  private pending = new Map<string, PendingSeries>();
  /** The current value of each gauge. It is kept after a commit, because a later change is added to it. */
  private readonly gauges = new Map<string, number>();
  /** The bytes of the series in `pending`, and of the gauges that are remembered. */
  private pendingBytes = 0;
  private gaugeBytes = 0;

  /**
   * @param maxSeries maximum number of series between two commits, and of gauges in total; values of further series are dropped
   * @param limits the limits of labels
   */
  constructor(
    private readonly maxSeries: number,
    private readonly limits: TextLimits,
  ) {}

  get size(): number {
    return this.pending.size;
  }

  /**
   * Adds one value to its series.
   *
   * @param isChange whether the value is added to the current value of a gauge; otherwise it replaces that value
   * @returns the reason why the value was dropped; undefined if it was taken
   * @throws the error of a getter among the labels
   */
  take(
    definition: InstrumentDefinition,
    value: number,
    given: InstrumentLabels | undefined,
    isChange = false,
  ): DropReason | undefined {
    const isGauge = definition.kind === 'gauge';
    if (typeof value !== 'number' || !Number.isFinite(value) || (!isGauge && value < 0)) return 'invalid_value';
    const own = definition.labels ?? {};
    const labels = given == null ? own : readLabels([own, given], this.limits);
    if (labels === undefined) return 'invalid_labels';
    const key = keyOf(definition.name, labels);
    const gaugeValue = isChange ? (this.gauges.get(key) ?? 0) + value : value;
    if (!Number.isFinite(gaugeValue)) return 'invalid_value';
    const series = this.pending.get(key) ?? this.open(key, definition, labels);
    if (series === undefined) return 'too_many_series';
    if (isGauge) {
      this.gauges.set(key, gaugeValue);
      return undefined;
    }
    series.sum.add(value);
    if (definition.kind === 'histogram') {
      const { bounds } = series.definition;
      let bucket = 0;
      while (bucket < bounds.length && value > bounds[bucket]!) bucket++;
      series.counts[bucket]!++;
    }
    return undefined;
  }

  /** Returns the collected values and removes them from this object. */
  collect(): CollectedValues {
    const samples: IncomingSample[] = [];
    const histograms: IncomingHistogram[] = [];
    for (const [key, { definition, labels, sum, counts }] of this.pending) {
      const { kind, name, help, unit, bounds } = definition;
      const value = kind === 'gauge' ? this.gauges.get(key)! : sum.high;
      if (kind === 'gauge') samples.push({ name, labels, help, unit, type: 'gauge', value });
      else if (kind === 'counter')
        samples.push({ name, labels, help, unit, type: 'counter', temporality: 'delta', value });
      else {
        let count = 0;
        const buckets = Array.from(counts, (own, index) => ({
          bound: bounds[index] ?? Infinity,
          count: (count += own),
        }));
        histograms.push({ name, labels, help, unit, temporality: 'delta', sum: value, count, buckets });
      }
    }
    this.pending = new Map();
    this.pendingBytes = 0;
    return { samples, histograms };
  }

  private open(key: string, definition: InstrumentDefinition, labels: LabelValues): PendingSeries | undefined {
    // A gauge is remembered even when it is no longer pending, so the limits apply to both maps.
    const isNewGauge = definition.kind === 'gauge' && !this.gauges.has(key);
    const counts = definition.kind === 'histogram' ? definition.bounds.length + 1 : 0;
    // The labels and the key contain the same text, with up to two bytes for each character.
    const bytes = 4 * key.length + 8 * counts;
    const isFull = (series: number, taken: number) =>
      series >= this.maxSeries || taken + bytes > this.maxSeries * MEAN_SERIES_BYTES;
    if (isFull(this.pending.size, this.pendingBytes)) return undefined;
    if (isNewGauge && isFull(this.gauges.size, this.gaugeBytes)) return undefined;
    this.pendingBytes += bytes;
    if (isNewGauge) this.gaugeBytes += bytes;
    const series = { definition, labels, sum: new CompensatedSum(), counts: new Float64Array(counts) };
    this.pending.set(key, series);
    return series;
  }
}

function keyOf(name: string, labels: LabelValues): string {
  return JSON.stringify([name, ...Object.entries(labels).map(([label, value]) => [label, String(value)])]);
}
