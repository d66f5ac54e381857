import { Inject, Injectable } from '@nestjs/common';
import { CUSTOM_METRICS_OPTIONS, type CustomMetricsOptions } from '../custom-metrics.options.js';
import { DatabaseChangedError } from '../database/known-database.js';
import { waitOutOutage } from '../database/outage.js';
import { inTurns } from '../scheduling/turns.js';
import { CatalogIndex } from './catalog-index.js';
import { CatalogReads } from './catalog-reads.js';
import { CatalogRepository, type MetricRow } from './catalog.repository.js';
import type { SeriesRow } from './series/series-row.js';
import { CatalogMetrics } from './catalog.metrics.js';
import { LeftOutSeries } from './left-out-series.js';
import { CreationRepository, type NewMetric } from './creation.repository.js';
import type { MetricDeclaration } from './metric/metric.js';
import { dropSeriesInTurns } from './removal/drop-series.js';
import { NameChanges } from './renaming/name-changes.js';
import type { Refusal } from './refusal.js';
import { type CreationTarget, SeriesCreation } from './series/series-creation.js';
import type { SeriesRequest } from './series/series-plan.js';
import type { Metric, Series } from './series/series.js';
import { type StoreWait, usableWait } from '../database/store-wait.js';

/**
 * New series are refused at the memory limit, but existing series are held up to this multiple of it. Several processes create
 * series at the same time, and each of them must have memory for what another one has just created.
 */
const HELD_BEYOND_LIMIT = 1.25;

/**
 * Holds all metrics and series. Only this class maps labels to ids.
 *
 * All series are in memory, up to the limit, because `/metrics` shows all of them anyway. Reading is synchronous. Series are
 * created in Postgres, where unique keys decide which process was first. In this process, all creations go through one queue, so
 * that limits are counted exactly and the new series of many requests need only one statement.
 *
 * A database may have more series than this process has memory for, for instance after a start with a smaller heap. In that case
 * the series that were read first are served, and the others are left out: pushes to them are refused, their metrics are not in
 * the exposition, and queries that need them are answered with 503. So no response is wrong because of missing series.
 */
@Injectable()
export class Catalog extends CatalogReads implements CreationTarget {
  protected index: CatalogIndex;
  private readonly creation: SeriesCreation;
  private readonly leftOut: LeftOutSeries;
  private isLoaded = false;
  /** The time at which the last complete read began, by `performance.now()`. */
  private loadedAt = 0;
  private declarationCount = 0;

  constructor(
    private readonly repository: CatalogRepository,
    private readonly creations: CreationRepository,
    @Inject(CUSTOM_METRICS_OPTIONS) private readonly options: CustomMetricsOptions,
    private readonly ownMetrics: CatalogMetrics,
  ) {
    super();
    this.index = new CatalogIndex(options.series.memoryLimitBytes * HELD_BEYOND_LIMIT);
    this.creation = new SeriesCreation(this, creations, options);
    const storedByMetric = () => this.current(repository.countSeriesByMetric());
    this.leftOut = new LeftOutSeries(storedByMetric, Catalog.name, options.series.memoryLimitBytes);
    ownMetrics.setSeriesBytesLimit(options.series.memoryLimitBytes);
  }

  /** Reads everything from Postgres. This method must be called before any other. */
  async load(): Promise<void> {
    this.loadedAt = performance.now();
    await this.readMetrics();
    for await (const page of this.repository.findSeries()) {
      await this.takeSeries(page);
      // There is no memory for more, and reading the rest of a large database would take very long.
      if (!this.isComplete) break;
    }
    if (!this.isComplete) await this.leftOut.countIn(this.index);
    this.isLoaded = true;
    this.showCounts();
  }

  /**
   * Replaces the content of this catalog in one step with the content of another one, which has read another database. The other
   * catalog must not be used afterwards. From then on, {@link Series.isForeign} is true for the former series that other code
   * still holds.
   */
  replaceBy(other: Catalog): void {
    this.index.abandon();
    this.index = other.index;
    this.loadedAt = other.loadedAt;
    this.isLoaded = true;
    this.declarationCount++;
    this.leftOut.replaceBy(other.leftOut);
    this.showCounts();
  }

  get isReady(): boolean {
    return this.isLoaded;
  }

  /** Seconds since {@link load} began to read. */
  get secondsSinceLoad(): number {
    return (performance.now() - this.loadedAt) / 1000;
  }

  /**
   * Grows with each declaration, each rename and each removal. Afterwards a resolved item may be refused (such as a bucket of a
   * histogram without a valid bound) or may belong to another series. A cache of resolved items must therefore be cleared when
   * this number changes, and must never store a series that is already removed, or whose metric has another name than the item.
   */
  get generation(): number {
    return this.declarationCount;
  }

  /** Reads series that another process has created, by their ids. Forgotten ones are restored, because they have new samples. */
  async fetchSeries(ids: readonly number[]): Promise<void> {
    if (!this.isComplete) {
      // The series can't be added, but their metrics have to be marked as incomplete.
      for (const metricId of await this.current(this.repository.findMetricIdsOfSeries(ids)))
        this.index.leaveOutSeriesOf(metricId);
      void this.countLeftOut();
      return;
    }
    for await (const page of this.currentPages(this.repository.findSeriesByIds(ids))) await this.takeSeries(page);
  }

  /** Reads metrics again, to find those that another process has just created. Their series are not read. */
  async reread(names: readonly string[]): Promise<MetricRow[]> {
    const read = () => this.current(this.repository.findMetricsByName(names));
    const rows = await waitOutOutage(read, usableWait(this.options.store.waitMs));
    await this.learn(rows);
    return rows;
  }

  /** Adds, renames or updates metrics as they are stored in Postgres. New ones for which there is no memory are left out. */
  async learn(rows: readonly MetricRow[]): Promise<void> {
    await this.takeMetrics(rows);
    for (const row of rows) {
      const metric = this.index.findMetricById(row.id);
      if (metric !== undefined) this.update(metric, row);
    }
  }

  /**
   * Drops metrics and series that are gone from Postgres. Metrics and their series are no longer found as soon as this is called,
   * and their names are free. Dropping individual series and freeing memory is done in turns with other work, because there may
   * be very many series.
   *
   * @returns a promise that resolves when everything is dropped
   */
  async drop(removed: {
    readonly metricIds?: readonly number[];
    readonly seriesIds?: readonly number[];
  }): Promise<void> {
    const { index } = this;
    const metrics = removed.metricIds?.filter((id) => index.removeMetric(id)) ?? [];
    if (metrics.length > 0) {
      this.declarationCount++;
      await this.clearRemoved();
    }
    const note = () => {
      this.declarationCount++;
      this.showCounts();
    };
    await dropSeriesInTurns(index, removed.seriesIds ?? [], note, () => this.index === index);
  }

  /** Makes sure that series exist: see {@link SeriesCreation.ensure}. */
  ensureSeries(requests: readonly SeriesRequest[], wait?: StoreWait): Promise<(Series | Refusal)[]> {
    return this.creation.ensure(requests, wait);
  }

  /**
   * Changes the declaration of a metric in Postgres and in memory. The caller has checked it for conflicts.
   *
   * @param isOverwriting whether given values replace existing ones; otherwise they only fill empty ones
   * @param wait the wait of the request that needs the declaration
   * @returns false if the metric has been deleted or renamed; by then, the catalog knows about it
   */
  async describe(
    metric: Metric,
    declaration: MetricDeclaration,
    isOverwriting: boolean,
    wait?: StoreWait,
  ): Promise<boolean> {
    const row = await this.current(
      this.retry(() => this.repository.describeMetric(metric, declaration, isOverwriting), wait),
    );
    if (row === undefined) await this.dropVanished([metric]);
    else this.update(metric, row);
    return row !== undefined;
  }

  /**
   * Makes sure that a metric exists. If another process has created it first, its type may differ from the requested one.
   *
   * @returns undefined if it was deleted at the same moment, or if there is no memory for it
   */
  async ensureMetric(metric: NewMetric, wait?: StoreWait): Promise<Metric | undefined> {
    const rows = await this.retry(() => this.current(this.creations.ensureMetrics([metric])), wait);
    await this.takeMetrics(rows);
    return rows[0] && this.findMetric(rows[0].name);
  }

  /** Adds or renames metrics as they are stored in Postgres, in one step. */
  async takeMetrics(rows: readonly MetricRow[]): Promise<void> {
    const { index } = this;
    const changes = new NameChanges(rows, index);
    for (let { missing } = changes; missing !== undefined; { missing } = changes) {
      changes.add(missing, await this.current(this.repository.findMetricsOf(missing.ids, missing.renameIds)));
    }
    const usable = changes.usableRows();
    const vanished = Array.from(changes.vanished).filter((id) => index.removeMetric(id));
    if (index.renameMetrics(usable) || vanished.length > 0) this.declarationCount++;
    for (const row of usable) this.addMetric(row);
  }

  /**
   * Adds series as they are stored in Postgres. Metrics are read again if another process has created some since the last read.
   */
  async takeSeries(rows: readonly SeriesRow[]): Promise<void> {
    if (rows.some(({ metric_id }) => this.index.findMetricById(metric_id) === undefined))
      await this.current(this.readMetrics());
    for (const row of rows) this.index.addSeries(row);
    this.showCounts();
    if (this.isLoaded) void this.countLeftOut();
  }

  async dropVanished(metrics: readonly Metric[]): Promise<void> {
    const ids = metrics.map(({ id }) => id);
    const rows = await this.current(this.retry(() => this.repository.findMetricsOf(ids, [])));
    await this.takeMetrics(rows);
    const present = new Set(rows.map(({ id }) => id));
    await this.drop({ metricIds: ids.filter((id) => !present.has(id)) });
  }

  private retry<T>(task: () => Promise<T>, wait?: StoreWait): Promise<T> {
    return waitOutOutage(task, this.options.store.waitMs, wait);
  }

  private async clearRemoved(): Promise<void> {
    const { index } = this;
    await inTurns(index.clearRemoved());
    this.showCounts();
  }

  /**
   * Waits for rows that the caller will add to the catalog.
   *
   * @throws DatabaseChangedError if the database has changed in the meantime, because ids of another database have another
   * meaning
   */
  async current<T>(rows: Promise<T>): Promise<T> {
    const { index } = this;
    const result = await rows;
    if (this.index !== index) throw new DatabaseChangedError();
    return result;
  }

  private async *currentPages<T>(pages: AsyncIterable<T>): AsyncGenerator<T> {
    const { index } = this;
    for await (const page of pages) {
      if (this.index !== index) throw new DatabaseChangedError();
      yield page;
    }
  }

  private async readMetrics(): Promise<void> {
    for await (const page of this.currentPages(this.repository.findMetrics())) {
      await this.takeMetrics(page);
      if (!this.index.isCompleteOfMetrics) break;
    }
  }

  private async countLeftOut(): Promise<void> {
    if (await this.leftOut.countAgainIn(this.index)) this.showCounts();
  }

  /**
   * Sets the gauges. A catalog that is still being loaded does not set them, because the catalog that it will replace may be in
   * use.
   */
  private showCounts(): void {
    if (!this.isLoaded) return;
    this.ownMetrics.setSeries(this.index.seriesCount, this.index.bytes);
    this.ownMetrics.setSeriesLeftOut(this.leftOut.count);
  }

  private addMetric(row: MetricRow): Metric | undefined {
    const known = this.index.findMetric(row.name);
    const metric = this.index.addMetric(row);
    if (this.index.hasToClear) void this.clearRemoved();
    // A new histogram changes the rules for its parts, and a metric that replaces another one makes remembered items of its name
    // invalid.
    if (metric !== known && (known !== undefined || row.type === 'histogram')) this.declarationCount++;
    return metric;
  }

  private update(metric: Metric, { temporality, help, unit }: MetricRow): void {
    if (metric.temporality === temporality && metric.help === help && metric.unit === unit) return;
    this.index.describeMetric(metric, { temporality, help, unit });
    this.declarationCount++;
  }
}
