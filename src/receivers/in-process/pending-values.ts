import type { IncomingLabelValue, IncomingSample } from '../../ingestion/incoming-sample.js';
import type { IncomingHistogram } from '../../ingestion/histograms/incoming-histogram.js';
import { CompensatedSum } from '../../live-values/compensated-sum.js';
import type { InstrumentLabels } from './instruments.js';

/** A metric of this process. */
export interface InstrumentDefinition {
  readonly kind: 'counter' | 'gauge' | 'histogram';
  readonly name: string;
  readonly help?: string;
  readonly unit?: string;
  readonly labels?: InstrumentLabels;
  /** Upper bounds of a histogram's buckets, ascending. */
  readonly bounds: readonly number[];
}

/** Why a value was dropped. */
export type DropReason = 'invalid_value' | 'too_many_series' | 'store_unavailable';

type Labels = Readonly<Record<string, IncomingLabelValue>>;

interface PendingSeries {
  readonly definition: InstrumentDefinition;
  readonly labels: Labels;
  /** The sum of a counter or a histogram. */
  readonly sum: CompensatedSum;
  /** The counts of a histogram's buckets, not cumulative. The last one is for values above all bounds. */
  readonly counts: Float64Array;
}

/** What was collected since the last time, in the form that ingestion takes. */
export interface CollectedValues {
  readonly samples: readonly IncomingSample[];
  readonly histograms: readonly IncomingHistogram[];
}

/** Adds values up between two commits: a series takes the same memory however often it is used. */
export class PendingValues {
  private pending = new Map<string, PendingSeries>();
  /** The values that gauges were set to last, because `add` changes them. */
  private readonly gauges = new Map<string, number>();

  /** @param maxSeries more series are dropped until the next commit */
  constructor(private readonly maxSeries: number) {}

  get size(): number {
    return this.pending.size;
  }

  /**
   * Takes one value.
   *
   * @param isChange whether it changes a gauge instead of setting it
   * @returns why it was dropped; undefined if it was taken
   */
  take(
    definition: InstrumentDefinition,
    value: number,
    given: InstrumentLabels | undefined,
    isChange = false,
  ): DropReason | undefined {
    const isGauge = definition.kind === 'gauge';
    if (typeof value !== 'number' || !Number.isFinite(value) || (!isGauge && value < 0)) return 'invalid_value';
    const labels = labelsOf(definition.labels, given);
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

  /** Takes out everything that was collected. */
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
    return { samples, histograms };
  }

  private open(key: string, definition: InstrumentDefinition, labels: Labels): PendingSeries | undefined {
    // A gauge that is not pending any more is still remembered, so both maps have the limit.
    const isNewGauge = definition.kind === 'gauge' && !this.gauges.has(key);
    if (this.pending.size >= this.maxSeries || (isNewGauge && this.gauges.size >= this.maxSeries)) return undefined;
    const series = {
      definition,
      labels,
      sum: new CompensatedSum(),
      counts: new Float64Array(definition.kind === 'histogram' ? definition.bounds.length + 1 : 0),
    };
    this.pending.set(key, series);
    return series;
  }
}

/** The labels of an instrument with those of a call over them, sorted, without absent ones. */
function labelsOf(own: InstrumentLabels | undefined, given: InstrumentLabels | undefined): Labels {
  const labels: Record<string, IncomingLabelValue> = {};
  for (const [name, value] of Object.entries({ ...own, ...given }).toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    if (value !== undefined && value !== null && value !== '') labels[name] = value;
  }
  return labels;
}

function keyOf(name: string, labels: Labels): string {
  return JSON.stringify([name, ...Object.entries(labels).map(([label, value]) => [label, String(value)])]);
}
