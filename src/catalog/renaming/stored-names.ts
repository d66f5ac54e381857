import { type MetricRow, nameIdOf } from '../catalog.repository.js';
import { familyNameOf, HISTOGRAM_SUFFIX, histogramOf } from '../metric/histogram-family.js';
import { Metric } from '../series/series.js';
import type { MetricType } from '../metric/metric.js';
import type { NameChange } from './rename.js';

/** Facts about the series of a metric that decide how it can be renamed. */
export interface SeriesFacts {
  readonly count: number;
  /** The number of series that did not come by remote write. */
  readonly pushedCount: number;
  /** True if a series has the label `quantile`. */
  readonly hasQuantiles: boolean;
}

const NO_SERIES: SeriesFacts = { count: 0, pushedCount: 0, hasQuantiles: false };
const SUMMARY_SUFFIXES = [HISTOGRAM_SUFFIX.sum, HISTOGRAM_SUFFIX.count];

/** The suffixes of a metric itself and of its counters, in the order in which an answer lists them. */
export const FAMILY_SUFFIXES = ['', ...Object.values(HISTOGRAM_SUFFIX)];

/** Returns all names that decide whether a metric can be renamed. */
export function namesAskedFor({ from, to }: NameChange): string[] {
  const families = [from, to].map(familyNameOf).filter((name) => name !== undefined);
  // No stored name has a NUL character, and Postgres refuses a text with one.
  const names = [...families, ...[from, to].flatMap((name) => FAMILY_SUFFIXES.map((suffix) => name + suffix))];
  return [...new Set(names)].filter((name) => !name.includes('\0'));
}

/** The metrics of {@link namesAskedFor} as they are stored at the moment of a rename. */
export class StoredNames {
  private readonly metrics: ReadonlyMap<string, Metric>;

  constructor(
    rows: readonly MetricRow[],
    private readonly facts: ReadonlyMap<number, SeriesFacts>,
  ) {
    this.metrics = new Map(
      rows.map((row) => {
        const { id, name, type, created_at: createdAt, temporality, help, unit } = row;
        return [name, new Metric(id, name, type, createdAt, temporality, help, unit, nameIdOf(row))];
      }),
    );
  }

  findMetric(name: string): Metric | undefined {
    return this.metrics.get(name);
  }

  factsOf({ id }: Metric): SeriesFacts {
    return this.facts.get(id) ?? NO_SERIES;
  }

  /** Returns the histogram or summary that a metric is a part of. */
  ownerOf(name: string): Metric | undefined {
    const histogram = histogramOf(name, this);
    if (histogram !== undefined) return histogram;
    const family = familyNameOf(name);
    const metric = family === undefined ? undefined : this.findMetric(family);
    return metric !== undefined && this.partsOf(metric).some((part) => part.name === name) ? metric : undefined;
  }

  /** Returns the histogram or summary that a metric with this new name would be a part of. */
  ownerOfNew(name: string, type: MetricType): Metric | undefined {
    const histogram = histogramOf(name, this);
    if (histogram !== undefined || type !== 'counter') return histogram;
    const family = familyNameOf(name);
    const metric = family === undefined ? undefined : this.findMetric(family);
    return metric !== undefined && this.suffixesOf(metric).some((suffix) => metric.name + suffix === name)
      ? metric
      : undefined;
  }

  /** Returns the suffixes of the counters that belong to a metric, or would if they existed. */
  suffixesOf(metric: Metric): readonly string[] {
    if (metric.type === 'histogram') return Object.values(HISTOGRAM_SUFFIX);
    return metric.type === 'gauge' && this.factsOf(metric).hasQuantiles ? SUMMARY_SUFFIXES : [];
  }

  /**
   * Returns the counters that belong to a metric. A summary is not stored as a separate type, but as a gauge whose series have
   * the label `quantile` and the counters `<name>_sum` and `<name>_count`.
   */
  partsOf(metric: Metric): Metric[] {
    return this.suffixesOf(metric).flatMap((suffix) => {
      const part = this.findMetric(metric.name + suffix);
      return part?.type === 'counter' ? part : [];
    });
  }
}
