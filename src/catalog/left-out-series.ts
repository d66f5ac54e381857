import { Logger } from '@nestjs/common';
import type { CatalogIndex } from './catalog-index.js';

/** Minimum time between two counts while the process is serving, because a count reads all series in Postgres. */
const COUNT_INTERVAL_MS = 60_000;

/** Counts the stored series that did not fit into memory, and logs once that there are some. */
export class LeftOutSeries {
  private readonly logger: Logger;
  private isLogged = false;
  private countedAt = -Infinity;
  private counted = 0;

  /**
   * @param storedByMetric reads the number of stored series of each metric; it rejects if the index has been replaced meanwhile
   * @param context the name that the log shows next to the message
   * @param limitBytes the memory limit for series, in bytes
   */
  constructor(
    private readonly storedByMetric: () => Promise<ReadonlyMap<number, number>>,
    context: string,
    private readonly limitBytes: number,
  ) {
    this.logger = new Logger(context);
  }

  /** The number of stored series that were not in memory when they were last counted. */
  get count(): number {
    return this.counted;
  }

  /** Takes over the count of another catalog, whose series replace those of this one. */
  replaceBy(other: LeftOutSeries): void {
    this.counted = other.counted;
    this.countedAt = other.countedAt;
  }

  /**
   * Counts the series that are left out, and marks the metrics whose series are not all in memory. A mark lasts until a
   * restart, so series that are removed during the count must not cause one.
   */
  async countIn(index: CatalogIndex): Promise<void> {
    this.countedAt = performance.now();
    const held = new Map<number, number>();
    for (const { id, series } of index.metrics) held.set(id, series.size);
    let stored = 0;
    for (const [metricId, count] of await this.storedByMetric()) {
      stored += count;
      const isRemoved = held.has(metricId) && index.findMetricById(metricId) === undefined;
      // Fewer series are stored than held if this process has not learned of a removal yet.
      if (!isRemoved && count > (held.get(metricId) ?? 0)) index.leaveOutSeriesOf(metricId);
    }
    this.counted = Math.max(stored - index.seriesCount, 0);
    this.note(index, stored);
  }

  /**
   * Counts again if some series are left out and the last count is at least a minute old.
   *
   * @returns true if it has counted
   */
  async countAgainIn(index: CatalogIndex): Promise<boolean> {
    if (index.isComplete || performance.now() - this.countedAt < COUNT_INTERVAL_MS) return false;
    this.note(index);
    try {
      await this.countIn(index);
      return true;
    } catch (error) {
      this.logger.debug(`The series that are left out of memory could not be counted: ${String(error)}`);
      return false;
    }
  }

  private note(index: CatalogIndex, stored?: number): void {
    if (index.isComplete || this.isLogged) return;
    this.isLogged = true;
    this.logger.error(
      `This process does not have enough memory for all series: it holds ${index.seriesCount}${stored === undefined ? '' : ` of ${stored}`} ` +
        `(SERIES_MEMORY_LIMIT is ${Math.round(this.limitBytes / 1024 ** 2)} MiB). The others are refused, and ` +
        'their metrics are not shown. Raise the limit and the heap, or remove metrics, and restart it.',
    );
  }
}
