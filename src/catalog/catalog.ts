import { Inject, Injectable, Logger } from '@nestjs/common';
import { CUSTOM_METRICS_OPTIONS, type CustomMetricsOptions } from '../custom-metrics.options.js';
import { DatabaseChangedError, type Landmark } from '../database/known-database.js';
import { waitOutOutage } from '../database/outage.js';
import { StoreUnavailableError } from '../database/store-unavailable.error.js';
import { inTurns, Turns } from '../scheduling/turns.js';
import { CatalogIndex } from './catalog-index.js';
import { CatalogRepository, type MetricRow } from './catalog.repository.js';
import type { SeriesRow } from './series/series-row.js';
import { CatalogMetrics } from './catalog.metrics.js';
import { CreationRepository, type NewMetric } from './creation.repository.js';
import type { MetricDeclaration } from './metric/metric.js';
import type { Metric } from './series/series.js';
import type { Refusal } from './refusal.js';
import { type CreationTarget, SeriesCreation } from './series/series-creation.js';
import type { SeriesRequest } from './series/series-plan.js';
import type { Series } from './series/series.js';

/**
 * New series are refused at the limit, and series that are there already are held up to this multiple of it: processes on
 * one database create at the same time, and none of them may be left without what another one has just made.
 */
const HELD_BEYOND_LIMIT = 1.25;

/** Seconds until a question that needs series which are left out may be asked again; nothing changes by itself. */
const INCOMPLETE_RETRY_SECONDS = 60;

/**
 * Which metrics and series there are: the only place that knows labels → id.
 *
 * All series are in memory, up to the limit, because `/metrics` shows them all anyway. Reading is synchronous; creation
 * goes through Postgres, where unique keys settle who was first, and through one queue here, so that limits are counted
 * exactly and the new series of many requests cost one statement.
 *
 * A database may hold more than this process has memory for, for instance after a start with a smaller heap. Then the
 * series that were read first are served, and the others are left out: what is pushed to them is refused, their metrics are
 * not on the page, and questions that would need them are answered 503. So no answer is wrong by what is missing.
 */
@Injectable()
export class Catalog implements CreationTarget {
  private readonly logger = new Logger(Catalog.name);
  private index: CatalogIndex;
  private readonly creation: SeriesCreation;
  private isLoaded = false;
  private isLeavingOutLogged = false;
  /** When reading everything began, by this process' clock. */
  private loadedAt = 0;
  private declarationCount = 0;

  constructor(
    private readonly repository: CatalogRepository,
    private readonly creations: CreationRepository,
    @Inject(CUSTOM_METRICS_OPTIONS) private readonly options: CustomMetricsOptions,
    private readonly ownMetrics: CatalogMetrics,
  ) {
    this.index = new CatalogIndex(options.series.memoryLimitBytes * HELD_BEYOND_LIMIT);
    this.creation = new SeriesCreation(this, creations, options);
    ownMetrics.setSeriesBytesLimit(options.series.memoryLimitBytes);
  }

  /** Reads everything from Postgres; at start, before anything else is asked. */
  async load(): Promise<void> {
    this.loadedAt = performance.now();
    await this.readMetrics();
    for await (const page of this.repository.findSeries()) {
      await this.takeSeries(page);
      // Reading on would be of no use, and would never end for a database that is large enough.
      if (!this.isComplete) break;
    }
    if (!this.isComplete) await this.findLeftOut();
    this.isLoaded = true;
  }

  /**
   * Puts what another catalog has read of another database in place of what is known here, in one step; that one must not be
   * used any more. What others still hold of the former series is {@link Series.isForeign} from then on.
   */
  replaceBy(other: Catalog): void {
    this.index.abandon();
    this.index = other.index;
    this.loadedAt = other.loadedAt;
    this.isLoaded = true;
    this.declarationCount++;
    this.ownMetrics.setSeries(this.index.seriesCount, this.index.bytes);
  }

  /** The newest metric and series, by which a database is recognised. */
  get landmarks(): { readonly metric: Landmark | undefined; readonly series: Landmark | undefined } {
    return { metric: landmarkOf(this.index.newestMetric), series: landmarkOf(this.index.newestSeries) };
  }

  get isReady(): boolean {
    return this.isLoaded;
  }

  /** How old what {@link load} read may be. */
  get secondsSinceLoad(): number {
    return (performance.now() - this.loadedAt) / 1000;
  }

  /**
   * Grows with each declaration and each removal. What was once resolved may be refused afterwards (a bucket of a histogram
   * without a readable bound) or belong to another series, so whoever remembers resolved items forgets them when this has
   * changed, and never remembers a series that is removed already.
   */
  get generation(): number {
    return this.declarationCount;
  }

  get seriesCount(): number {
    return this.index.seriesCount;
  }

  /** Bytes of memory that metrics and series take. */
  get seriesBytes(): number {
    return this.index.bytes;
  }

  /** False if metrics or series are stored that this process has no memory for. */
  get isComplete(): boolean {
    return this.index.isComplete;
  }

  seriesCountOfToken(tokenId: number): number {
    return this.index.seriesCountOfToken(tokenId);
  }

  seriesBytesOfToken(tokenId: number): number {
    return this.index.bytesOfToken(tokenId);
  }

  /**
   * Refuses to answer a question that needs what is left out.
   *
   * @param metric undefined for a question about all series
   * @throws StoreUnavailableError
   */
  checkComplete(metric?: Metric): void {
    if (this.isComplete || metric?.isIncomplete === false) return;
    throw new StoreUnavailableError(
      `This process has no memory for all series of ${metric?.name ?? 'the database'}, so its answer would be wrong. Ask for ` +
        'metrics that it holds whole, or ask a process with a larger SERIES_MEMORY_LIMIT.',
      INCOMPLETE_RETRY_SECONDS,
    );
  }

  /** Refuses to list metrics if some are left out. @throws StoreUnavailableError */
  checkCompleteOfMetrics(): void {
    if (!this.index.isCompleteOfMetrics) this.checkComplete();
  }

  /** All metrics, in the order of their creation. */
  get metrics(): Iterable<Metric> {
    return this.index.metrics;
  }

  /** All series, metric by metric. */
  *allSeries(): Generator<Series> {
    for (const metric of this.metrics) yield* metric.series.values();
  }

  findMetric(name: string): Metric | undefined {
    return this.index.findMetric(name);
  }

  hasMetric(id: number): boolean {
    return this.index.findMetricById(id) !== undefined;
  }

  findSeriesById(id: number): Series | undefined {
    return this.index.findSeriesById(id);
  }

  /** Learns of series that another process made, by their ids. They have samples, so a forgotten one is brought back. */
  async fetchSeries(ids: readonly number[]): Promise<void> {
    if (!this.isComplete) {
      // They can't be taken in. Which metrics they belong to has to be known all the same.
      for (const metricId of await this.current(this.repository.findMetricIdsOfSeries(ids)))
        this.index.leaveOutSeriesOf(metricId);
      return;
    }
    for await (const page of this.currentPages(this.repository.findSeriesByIds(ids))) await this.takeSeries(page);
  }

  /** Reads metrics anew, for what must not miss one that another process has just made. Their series are not read. */
  async reread(names: readonly string[]): Promise<MetricRow[]> {
    const rows = await this.current(this.repository.findMetricsByName(names));
    for (const row of rows) this.learn(row);
    return rows;
  }

  /**
   * Takes in a metric as it stands in Postgres.
   *
   * @returns undefined if there is no memory for it
   */
  learn(row: MetricRow): Metric | undefined {
    const metric = this.addMetric(row);
    if (metric?.id === row.id) this.update(metric, row);
    return metric;
  }

  /**
   * Drops what is gone from Postgres. Nobody finds the metrics and their series from the call on, and their names are free; series that
   * go by themselves, and the room of all, take turns with other work, because they may be very many.
   *
   * @returns once all of it is done
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
    await this.dropSeries(removed.seriesIds ?? []);
  }

  /**
   * Makes sure that series exist.
   *
   * @returns for each request its series, or why it can't have one
   */
  ensureSeries(requests: readonly SeriesRequest[]): Promise<(Series | Refusal)[]> {
    return this.creation.ensure(requests);
  }

  /**
   * Sets or fills what is said of a metric, in Postgres and here; the caller has checked it for conflicts.
   *
   * @returns false if the metric has been deleted, which is known here from then on
   */
  async describe(metric: Metric, declaration: MetricDeclaration, isOverwriting: boolean): Promise<boolean> {
    const row = await this.current(
      waitOutOutage(
        () => this.repository.describeMetric(metric, declaration, isOverwriting),
        this.options.store.waitMs,
      ),
    );
    if (row === undefined) await this.drop({ metricIds: [metric.id] });
    else this.update(metric, row);
    return row !== undefined;
  }

  /**
   * Makes sure that a metric exists, whoever is first. The type may be another one than asked for.
   *
   * @returns undefined if it was deleted at the same moment
   */
  async ensureMetric(metric: NewMetric): Promise<Metric | undefined> {
    const rows = await waitOutOutage(
      () => this.current(this.creations.ensureMetrics([metric])),
      this.options.store.waitMs,
    );
    return rows[0] && this.addMetric(rows[0]);
  }

  takeMetrics(rows: readonly MetricRow[]): void {
    for (const row of rows) this.addMetric(row);
  }

  /** Takes in series as they stand in Postgres. Another process may have made their metrics since metrics were read. */
  async takeSeries(rows: readonly SeriesRow[]): Promise<void> {
    if (rows.some(({ metric_id }) => this.index.findMetricById(metric_id) === undefined))
      await this.current(this.readMetrics());
    for (const row of rows) this.index.addSeries(row);
    this.ownMetrics.setSeries(this.index.seriesCount, this.index.bytes);
    this.noteLeavingOut();
  }

  async dropVanished(metrics: readonly Metric[]): Promise<void> {
    const metricIds = await this.current(
      waitOutOutage(() => this.repository.findVanishedMetrics(metrics), this.options.store.waitMs),
    );
    await this.drop({ metricIds });
  }

  private async dropSeries(ids: readonly number[]): Promise<void> {
    const { index } = this;
    const turns = new Turns();
    let isChanged = false;
    const note = () => {
      if (!isChanged) return;
      isChanged = false;
      this.declarationCount++;
      this.ownMetrics.setSeries(index.seriesCount, index.bytes);
    };
    for (const id of ids) {
      if (index.removeSeries(id)) isChanged = true;
      if (!turns.isUp) continue;
      // Before anybody else has a turn: what was resolved to one of these series has to be forgotten.
      note();
      await turns.give();
      if (this.index !== index) return;
    }
    note();
  }

  private async clearRemoved(): Promise<void> {
    const { index } = this;
    await inTurns(index.clearRemoved());
    if (this.index === index) this.ownMetrics.setSeries(index.seriesCount, index.bytes);
  }

  /**
   * Waits for rows that are to be taken in.
   *
   * @throws DatabaseChangedError if they came too late: ids of another database mean something else here
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
      this.takeMetrics(page);
      if (!this.index.isCompleteOfMetrics) break;
    }
  }

  /** Finds out which metrics are not held whole, after reading has ended early. */
  private async findLeftOut(): Promise<void> {
    let stored = 0;
    for (const [metricId, count] of await this.repository.countSeriesByMetric()) {
      stored += count;
      if (this.index.findMetricById(metricId)?.series.size !== count) this.index.leaveOutSeriesOf(metricId);
    }
    this.ownMetrics.setSeriesLeftOut(stored - this.index.seriesCount);
    this.noteLeavingOut(stored);
  }

  private noteLeavingOut(stored?: number): void {
    if (this.isComplete || this.isLeavingOutLogged) return;
    if (stored === undefined && !this.isLoaded) return;
    this.isLeavingOutLogged = true;
    this.logger.error(
      `This process has no memory for all series: it holds ${this.index.seriesCount}${stored === undefined ? '' : ` of ${stored}`} ` +
        `(SERIES_MEMORY_LIMIT is ${Math.round(this.options.series.memoryLimitBytes / 1024 ** 2)} MiB). The others are refused, and ` +
        'their metrics are not shown. Raise the limit and the heap, or remove metrics, and restart it.',
    );
  }

  private addMetric(row: MetricRow): Metric | undefined {
    const known = this.index.findMetric(row.name);
    const metric = this.index.addMetric(row);
    if (this.index.hasToClear) void this.clearRemoved();
    // A histogram changes what its parts may be, and a successor what was remembered of its name.
    if (metric !== known && (known !== undefined || row.type === 'histogram')) this.declarationCount++;
    return metric;
  }

  private update(metric: Metric, { temporality, help, unit }: MetricRow): void {
    if (metric.temporality === temporality && metric.help === help && metric.unit === unit) return;
    this.index.describeMetric(metric, { temporality, help, unit });
    this.declarationCount++;
  }
}

function landmarkOf(row: { readonly id: number; readonly createdAt: Date } | undefined): Landmark | undefined {
  return row && { id: row.id, at: row.createdAt.getTime() };
}
