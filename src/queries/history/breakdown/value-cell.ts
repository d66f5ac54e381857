import { bucketBoundOf } from '../../../catalog/metric/histogram-family.js';
import { labelInText } from '../../../catalog/series/label-set.js';
import type { MetricType } from '../../../catalog/metric/metric.js';
import type { Series } from '../../../catalog/series/series.js';
import { bucketQuantile } from '../../../promql/evaluation/functions/classic-histogram.js';
import { BEFORE, NOW, type Period, type PeriodFigures } from './period-figures.js';

const PERIODS = [BEFORE, NOW] as const;

/** The figures of all series that share a value of a label, in both periods. */
export interface ValueCell {
  /** The number of series with samples in either period. */
  readonly seriesCount: number;

  /** Adds the figures of one series. */
  add(figures: PeriodFigures, place: number, series: Series): void;

  /** Returns the number of samples of a period. */
  samplesOf(period: Period): number;

  /** Returns the measure of a period; without samples to compute it from, 0 for a counter and null for other types. */
  measureOf(period: Period): number | null;

  /** Returns the weight of a period in a comparison: a counter's growth, or the number of samples or observations. */
  weightOf(period: Period): number;
}

abstract class Cell implements ValueCell {
  seriesCount = 0;
  protected readonly samples = [0, 0];

  add(figures: PeriodFigures, place: number, series: Series): void {
    if (figures.countOf(place, BEFORE) + figures.countOf(place, NOW) === 0) return;
    this.seriesCount++;
    for (const period of PERIODS) {
      const count = figures.countOf(place, period);
      if (count === 0) continue;
      this.addPeriod(period, figures, place, series);
      this.samples[period]! += count;
    }
  }

  samplesOf(period: Period): number {
    return this.samples[period]!;
  }

  abstract measureOf(period: Period): number | null;
  abstract weightOf(period: Period): number;
  protected abstract addPeriod(period: Period, figures: PeriodFigures, place: number, series: Series): void;
}

/** Adds up the growth of counters. */
class CounterCell extends Cell {
  private readonly growths = [0, 0];

  measureOf(period: Period): number {
    return this.growths[period]!;
  }

  weightOf(period: Period): number {
    return this.growths[period]!;
  }

  protected addPeriod(period: Period, figures: PeriodFigures, place: number): void {
    this.growths[period]! += figures.numberOf(place, period);
  }
}

/** Combines the averages of gauges, and the sums of squared distances of their samples from the average. */
export class GaugeCell extends Cell {
  private readonly means = [0, 0];
  private readonly squares = [0, 0];

  measureOf(period: Period): number | null {
    return this.samples[period] === 0 ? null : this.means[period]!;
  }

  weightOf(period: Period): number {
    return this.samples[period]!;
  }

  squaresOf(period: Period): number {
    return this.squares[period]!;
  }

  /** Combines two sets of samples by their means, as Chan, Golub and LeVeque do. */
  protected addPeriod(period: Period, figures: PeriodFigures, place: number): void {
    const own = this.samples[period]!;
    const other = figures.countOf(place, period);
    const distance = figures.numberOf(place, period) - this.means[period]!;
    this.means[period]! += (distance * other) / (own + other);
    this.squares[period]! += figures.squaresOf(place, period) + (distance * distance * own * other) / (own + other);
  }
}

/** The growth of the cumulative buckets of histograms, by their upper bounds. */
class HistogramCell extends Cell {
  private readonly countsByBound = new Map<number, [before: number, now: number]>();

  measureOf(period: Period): number | null {
    if (this.countsByBound.size === 0) return null;
    const buckets = Array.from(this.countsByBound, ([upperBound, counts]) => ({ upperBound, count: counts[period] }));
    const { value } = bucketQuantile(0.95, buckets);
    return Number.isNaN(value) ? null : value;
  }

  weightOf(period: Period): number {
    return this.countsByBound.get(Infinity)?.[period] ?? 0;
  }

  protected addPeriod(period: Period, figures: PeriodFigures, place: number, { labelsText }: Series): void {
    const bound = bucketBoundOf(labelInText(labelsText, 'le') ?? '');
    if (Number.isNaN(bound)) return;
    let counts = this.countsByBound.get(bound);
    if (counts === undefined) this.countsByBound.set(bound, (counts = [0, 0]));
    counts[period] += figures.numberOf(place, period);
  }
}

/** Returns an empty cell for metrics of the given type. */
export function cellOf(type: MetricType): ValueCell {
  switch (type) {
    case 'counter':
      return new CounterCell();
    case 'gauge':
      return new GaugeCell();
    case 'histogram':
      return new HistogramCell();
  }
}
