import { type LabelPairs, readLabels } from './labels.js';
import type { MetricDefinition } from './metric-definitions.js';
import type { ProblemReason } from './metrics-problem.js';
import { createValue, type SeriesValue } from './series-value.js';

/**
 * Maximum length of the name and labels of a series, which limits the memory. The server's own limits add up to more than this.
 */
const MAX_SERIES_CHARACTERS = 4_096;

/** A series with values that are not in a batch yet. */
export interface OpenSeries {
  readonly metric: MetricDefinition;
  readonly labels: LabelPairs;
  readonly value: SeriesValue;
  /** The number of the series in the order in which series were opened, starting at 1. */
  readonly openedAs: number;
}

/**
 * Adds up values until the next batch takes them. The memory depends on the number of series and not on the number of values.
 */
export class OpenWindow {
  /** The open series in the order in which they were opened. */
  private readonly series = new Map<string, OpenSeries>();
  private opened = 0;
  private isClosed = false;

  constructor(
    private readonly maxSeries: number,
    private readonly fixedLabels: LabelPairs,
    private readonly hasTimestamps: boolean,
  ) {}

  /** @returns the reason why the value was refused; undefined if it was recorded */
  record(metric: MetricDefinition, value: unknown, labels: unknown): ProblemReason | undefined {
    if (this.isClosed) return 'closed';
    if (typeof value !== 'number' || !Number.isFinite(value)) return 'invalid_value';
    const pairs = readLabels(labels, this.fixedLabels);
    // The label `le` is reserved for the bounds of buckets.
    if (pairs === undefined || (metric.kind === 'histogram' && pairs.some(([name]) => name === 'le'))) {
      return 'invalid_labels';
    }
    const key = JSON.stringify([metric.name, pairs]);
    const known = this.series.get(key);
    if (known !== undefined) return known.value.take(value) ? undefined : 'invalid_value';
    if (key.length > MAX_SERIES_CHARACTERS) return 'invalid_labels';
    if (this.series.size >= this.maxSeries) return 'too_many_series';
    const seriesValue = createValue(metric, this.hasTimestamps);
    if (!seriesValue.take(value)) return 'invalid_value';
    this.series.set(key, { metric, labels: pairs, value: seriesValue, openedAs: ++this.opened });
    return undefined;
  }

  get size(): number {
    return this.series.size;
  }

  /** The value of `openedAs` of the series that was opened last. */
  get lastOpened(): number {
    return this.opened;
  }

  /** The value of `openedAs` of the oldest open series, or undefined if none is open. */
  get oldestOpen(): number | undefined {
    for (const { openedAs } of this.series.values()) return openedAs;
    return undefined;
  }

  /** Removes series, the oldest first, as long as the callback returns true. */
  takeWhile(isWanted: (series: OpenSeries) => boolean): void {
    for (const [key, series] of this.series) {
      if (!isWanted(series)) return;
      this.series.delete(key);
    }
  }

  /** Stops accepting values. */
  close(): void {
    this.isClosed = true;
  }

  /** @returns the number of series that are lost */
  clear(): number {
    const { size } = this.series;
    this.series.clear();
    return size;
  }
}
