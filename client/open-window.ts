import { type LabelPairs, readLabels } from './labels.js';
import type { MetricDefinition } from './metric-definitions.js';
import type { ProblemReason } from './metrics-problem.js';
import { createValue, type SeriesValue } from './series-value.js';

/** Name and labels of one series. The server's own limits are lower in sum; this one keeps the memory bounded. */
const MAX_SERIES_CHARACTERS = 4_096;

/** A series with values that are not in a batch yet. */
export interface OpenSeries {
  readonly metric: MetricDefinition;
  readonly labels: LabelPairs;
  readonly value: SeriesValue;
  /** Counts up over all series ever opened. */
  readonly openedAs: number;
}

/** What is added up until the next batch takes it. Memory is bounded by the number of series, whatever is added to them. */
export class OpenWindow {
  /** In the order in which they were opened. */
  private readonly series = new Map<string, OpenSeries>();
  private opened = 0;
  private isClosed = false;

  constructor(
    private readonly maxSeries: number,
    private readonly fixedLabels: LabelPairs,
    private readonly hasTimestamps: boolean,
  ) {}

  /** @returns why the value was not taken */
  record(metric: MetricDefinition, value: unknown, labels: unknown): ProblemReason | undefined {
    if (this.isClosed) return 'closed';
    if (typeof value !== 'number' || !Number.isFinite(value)) return 'invalid_value';
    const pairs = readLabels(labels, this.fixedLabels);
    // `le` is the bound of a bucket.
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

  /** What `openedAs` of the series opened last was. */
  get lastOpened(): number {
    return this.opened;
  }

  /** Undefined if nothing is open. */
  get oldestOpen(): number | undefined {
    for (const { openedAs } of this.series.values()) return openedAs;
    return undefined;
  }

  /** Takes series out, the oldest first, for as long as they are wanted. */
  takeWhile(isWanted: (series: OpenSeries) => boolean): void {
    for (const [key, series] of this.series) {
      if (!isWanted(series)) return;
      this.series.delete(key);
    }
  }

  /** Takes no more values. */
  close(): void {
    this.isClosed = true;
  }

  /** @returns how many series are lost by it */
  clear(): number {
    const { size } = this.series;
    this.series.clear();
    return size;
  }
}
