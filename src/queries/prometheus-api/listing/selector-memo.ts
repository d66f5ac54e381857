import { bytesOfText } from '../../../catalog/series/memory-cost.js';
import type { Metric, Series } from '../../../catalog/series/series.js';
import { BoundedMemo } from '../bounded-memo.js';

/** Bytes that an entry takes in addition to the text of its key and to its series. */
const ENTRY_BYTES = 200;

interface Entry {
  readonly metric: Metric;
  /** The {@link Metric.seriesChanges} for which the series are right. */
  readonly changes: number;
  readonly series: readonly Series[];
}

/**
 * Remembers which series of a metric a selector matches, because a dashboard asks for the same ones again and again, and searching
 * 10,000 series with a regular expression takes ten times as long as answering the rest of a small query. What was found is
 * right until a series of the metric is added or removed, or the metric is renamed.
 *
 * The limit is in bytes and includes the labels of the series, because an entry keeps series in memory that may be removed in the
 * meantime. An entry of a former database would keep all series of its metric, so old entries of removed metrics are forgotten in any
 * case.
 */
export class SelectorMemo {
  private readonly entries: BoundedMemo<Entry>;

  constructor(maxBytes: number) {
    this.entries = new BoundedMemo(maxBytes, ({ metric }) => metric.isRemoved);
  }

  /** Estimated memory in use, in bytes. */
  get bytes(): number {
    return this.entries.bytes;
  }

  /**
   * @param key identifies the selector
   * @returns undefined if the series have to be searched
   */
  find(key: string, metric: Metric): readonly Series[] | undefined {
    const entry = this.entries.find(key);
    if (entry === undefined) return undefined;
    if (entry.metric === metric && entry.changes === metric.seriesChanges) return entry.series;
    this.entries.forget(key);
    return undefined;
  }

  /** @param changes the {@link Metric.seriesChanges} from before the search */
  remember(key: string, metric: Metric, changes: number, series: readonly Series[]): void {
    if (changes !== metric.seriesChanges) return;
    let bytes = ENTRY_BYTES + bytesOfText(key);
    for (const { labelsText } of series) bytes += 8 + bytesOfText(labelsText);
    this.entries.remember(key, { metric, changes, series }, bytes);
  }
}
