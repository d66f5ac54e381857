import type { Landmark } from '../database/known-database.js';
import { StoreUnavailableError } from '../database/store-unavailable.error.js';
import type { CatalogIndex } from './catalog-index.js';
import type { Metric, Series } from './series/series.js';

/**
 * The `Retry-After` of a query that needs series that are left out. The time is long, because series usually stay left out until
 * a restart.
 */
const INCOMPLETE_RETRY_SECONDS = 60;

/**
 * Answers questions about the metrics and series that are in memory. Every answer is synchronous, and no method changes the
 * catalog or reads Postgres.
 */
export abstract class CatalogReads {
  /** The current content. It is replaced by another object when the database changes. */
  protected abstract readonly index: CatalogIndex;

  /** The newest metric and series, which identify a database. */
  get landmarks(): { readonly metric: Landmark | undefined; readonly series: Landmark | undefined } {
    return { metric: landmarkOf(this.index.newestMetric), series: landmarkOf(this.index.newestSeries) };
  }

  /** The metric that was renamed last, as far as this process knows. */
  get newestRenamed(): Metric | undefined {
    let newest: Metric | undefined;
    for (const metric of this.metrics) {
      if (metric.nameId !== metric.id && metric.nameId > (newest?.nameId ?? 0)) newest = metric;
    }
    return newest;
  }

  get seriesCount(): number {
    return this.index.seriesCount;
  }

  /** The memory that metrics and series take, in bytes. */
  get seriesBytes(): number {
    return this.index.bytes;
  }

  /** False if this process has no memory for some of the stored metrics or series. */
  get isComplete(): boolean {
    return this.index.isComplete;
  }

  /** Grows whenever known metrics get new names. Work that is done in several turns and has used names must then start over. */
  get renameCount(): number {
    return this.index.renameCount;
  }

  seriesCountOfToken(tokenId: number): number {
    return this.index.seriesCountOfToken(tokenId);
  }

  seriesBytesOfToken(tokenId: number): number {
    return this.index.bytesOfToken(tokenId);
  }

  /**
   * Refuses a query that needs series which are left out.
   *
   * @param metric the metric of the query, or undefined if it needs all series
   * @throws StoreUnavailableError if any of these series are left out
   */
  checkComplete(metric?: Metric): void {
    if (this.isComplete || metric?.isIncomplete === false) return;
    throw new StoreUnavailableError(
      `This process does not have enough memory for all series of ${metric?.name ?? 'the database'}, so its answer would be wrong. Query ` +
        'metrics of which it has all series, or query a process with a larger SERIES_MEMORY_LIMIT.',
      INCOMPLETE_RETRY_SECONDS,
    );
  }

  /** @throws StoreUnavailableError if this process has no memory for some of the metrics, so that a list would not be complete */
  checkCompleteOfMetrics(): void {
    if (!this.index.isCompleteOfMetrics) this.checkComplete();
  }

  /** All metrics, in the order in which they became known. */
  get metrics(): Iterable<Metric> {
    return this.index.metrics;
  }

  /** The metrics whose names only Prometheus 3 allows, by id. */
  get utf8Metrics(): ReadonlyMap<number, Metric> {
    return this.index.utf8Metrics;
  }

  /** Yields all series, metric by metric. */
  *allSeries(): Generator<Series> {
    for (const metric of this.metrics) yield* metric.series.values();
  }

  findMetric(name: string): Metric | undefined {
    return this.index.findMetric(name);
  }

  /** Returns whether a metric is known under the given name, which `nameId` identifies, or under a later one. */
  isNamed({ id, nameId }: { readonly id: number; readonly nameId: number }): boolean {
    const metric = this.index.findMetricById(id);
    return metric !== undefined && metric.nameId >= nameId;
  }

  findSeriesById(id: number): Series | undefined {
    return this.index.findSeriesById(id);
  }
}

function landmarkOf(row: { readonly id: number; readonly createdAt: Date } | undefined): Landmark | undefined {
  return row && { id: row.id, at: row.createdAt.getTime() };
}
