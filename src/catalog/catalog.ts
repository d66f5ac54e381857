import { Inject, Injectable } from '@nestjs/common';
import { CUSTOM_METRICS_OPTIONS, type CustomMetricsOptions } from '../custom-metrics.options.js';
import { waitOutOutage } from '../database/outage.js';
import { StoreUnavailableError } from '../database/store-unavailable.error.js';
import { CatalogIndex } from './catalog-index.js';
import {
  CatalogRepository,
  type MetricRow,
  type NewMetric,
  type NewSeries,
  type SeriesRow,
} from './catalog.repository.js';
import { CatalogMetrics } from './catalog.metrics.js';
import { contradiction } from './contradiction.js';
import type { Metric, MetricDeclaration } from './metric.js';
import type { Refusal } from './refusal.js';
import { SeriesPlan, type SeriesRequest } from './series-plan.js';
import type { Series } from './series.js';

/** A metric can be deleted while its series are made; more than some times in a row is not chance. */
const MAX_CREATION_ATTEMPTS = 5;

/** Ten thousand series with thirty labels each would hold the event loop for half a second. */
const SERIES_PER_STATEMENT = 500;

interface Creation {
  readonly requests: readonly SeriesRequest[];
  readonly resolve: (series: (Series | Refusal)[]) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Which metrics and series there are: the only place that knows labels → id.
 *
 * All series are in memory, up to the limit, because `/metrics` shows them all anyway. Reading is synchronous; creation
 * goes through Postgres, where unique keys settle who was first, and through one queue here, so that limits are counted
 * exactly and the new series of many requests cost one statement.
 */
@Injectable()
export class Catalog {
  private readonly index = new CatalogIndex();
  private readonly creations: Creation[] = [];
  private isCreating = false;
  private waitingRequests = 0;
  private isLoaded = false;
  /** When reading everything began, by this process' clock. */
  private loadedAt = 0;
  private declarationCount = 0;

  constructor(
    private readonly repository: CatalogRepository,
    @Inject(CUSTOM_METRICS_OPTIONS) private readonly options: CustomMetricsOptions,
    private readonly ownMetrics: CatalogMetrics,
  ) {}

  /** Reads everything from Postgres; at start, before anything else is asked. */
  async load(): Promise<void> {
    this.loadedAt = Date.now();
    for (const row of await this.repository.findMetrics()) this.addMetric(row);
    for await (const page of this.repository.findSeries()) await this.addSeriesOfAnyMetric(page);
    this.isLoaded = true;
  }

  get isReady(): boolean {
    return this.isLoaded;
  }

  /** How old what {@link load} read may be. */
  get secondsSinceLoad(): number {
    return (Date.now() - this.loadedAt) / 1000;
  }

  /**
   * Grows with each declaration and each removal. What was once resolved may be refused afterwards (a bucket of a histogram
   * without a readable bound) or belong to another series, so whoever remembers resolved items forgets them when this has
   * changed, and never remembers a series that is removed already.
   */
  get declarations(): number {
    return this.declarationCount;
  }

  get seriesCount(): number {
    return this.index.seriesCount;
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

  findSeriesById(id: number): Series | undefined {
    return this.index.findSeriesById(id);
  }

  /** Learns of series that another process made, by their ids. They have samples, so a forgotten one is brought back. */
  async fetchSeries(ids: readonly number[]): Promise<void> {
    await this.addSeriesOfAnyMetric(await this.repository.findSeriesByIds(ids));
  }

  /**
   * Reads metrics and their series anew, for what must not miss anything that another process has just made.
   *
   * @returns the metrics that exist
   */
  async reread(names: readonly string[]): Promise<Metric[]> {
    const rows = await this.repository.findMetricsByName(names);
    const metrics = rows.map((row) => this.learn(row));
    this.addSeries(await this.repository.findSeriesOfMetrics(rows.map(({ id }) => id)));
    return metrics;
  }

  /** Takes in a metric as it stands in Postgres. */
  learn(row: MetricRow): Metric {
    const metric = this.addMetric(row);
    if (metric.id === row.id) this.update(metric, row);
    return metric;
  }

  /** Drops what is gone from Postgres; from then on nobody finds it, and its labels and names are free. */
  drop(removed: { readonly metricIds?: readonly number[]; readonly seriesIds?: readonly number[] }): void {
    const metrics = removed.metricIds?.filter((id) => this.index.removeMetric(id)) ?? [];
    const series = removed.seriesIds?.filter((id) => this.index.removeSeries(id)) ?? [];
    if (metrics.length + series.length === 0) return;
    this.declarationCount++;
    this.ownMetrics.setSeriesCount(this.index.seriesCount);
  }

  /**
   * Makes sure that series exist.
   *
   * @returns for each request its series, or why it can't have one
   */
  ensureSeries(requests: readonly SeriesRequest[]): Promise<(Series | Refusal)[]> {
    const { queueSamples } = this.options.store;
    if (this.waitingRequests + requests.length > queueSamples) {
      return Promise.reject(
        new StoreUnavailableError(
          `${this.waitingRequests} new series wait for Postgres, the limit (STORE_QUEUE_SAMPLES) is ${queueSamples}. ` +
            'Nothing of this request was stored; send it again.',
        ),
      );
    }
    this.waitingRequests += requests.length;
    return new Promise((resolve, reject) => {
      this.creations.push({ requests, resolve, reject });
      if (!this.isCreating) void this.createAll();
    });
  }

  /**
   * Sets or fills what is said of a metric, in Postgres and here; the caller has checked it for conflicts.
   *
   * @returns false if the metric has been deleted, which is known here from then on
   */
  async describe(metric: Metric, declaration: MetricDeclaration, isOverwriting: boolean): Promise<boolean> {
    const row = await waitOutOutage(
      () => this.repository.describeMetric(metric.id, declaration, isOverwriting),
      this.options.store.waitMs,
    );
    if (row === undefined) this.drop({ metricIds: [metric.id] });
    else this.update(metric, row);
    return row !== undefined;
  }

  /**
   * Makes sure that a metric exists, whoever is first. The type may be another one than asked for.
   *
   * @returns undefined if it was deleted at the same moment
   */
  async ensureMetric(metric: NewMetric): Promise<Metric | undefined> {
    const rows = await waitOutOutage(() => this.repository.ensureMetrics([metric]), this.options.store.waitMs);
    return rows[0] && this.addMetric(rows[0]);
  }

  private async createAll(): Promise<void> {
    this.isCreating = true;
    while (this.creations.length > 0) {
      const creations = this.creations.splice(0);
      try {
        const results = await this.create(creations.flatMap(({ requests }) => requests));
        let offset = 0;
        for (const { requests, resolve } of creations) {
          resolve(results.slice(offset, offset + requests.length));
          offset += requests.length;
        }
      } catch (error) {
        for (const { reject } of creations) reject(error);
      } finally {
        for (const { requests } of creations) this.waitingRequests -= requests.length;
      }
    }
    this.isCreating = false;
  }

  private async create(requests: readonly SeriesRequest[]): Promise<(Series | Refusal)[]> {
    for (let attempt = 1; attempt <= MAX_CREATION_ATTEMPTS; attempt++) {
      const plan = new SeriesPlan(this.options.limits, {
        total: this.index.seriesCount,
        ofToken: (tokenId) => this.index.seriesCountOfToken(tokenId),
      });
      const refusals = requests.map((request) => plan.add(request, this.index.findMetric(request.name)));
      const planned = [...plan.requests];
      await this.createMetrics(planned);
      await this.createSeries(planned);
      const results = requests.map((request, index) => refusals[index] ?? this.resultOf(request));
      if (results.every((result) => result !== undefined)) return results;
      // Another process has deleted a metric, and this one has not heard of it: its name is free for a new one.
      await this.dropVanished(requests.filter((_, index) => results[index] === undefined));
    }
    throw new StoreUnavailableError('The metrics of this request are being deleted again and again. Send it again.');
  }

  /** @returns undefined for a series that is not there, because it or its metric has been deleted meanwhile */
  private resultOf(request: SeriesRequest): Series | Refusal | undefined {
    const metric = this.index.findMetric(request.name);
    return metric && (contradiction(metric, request) ?? metric.series.get(request.labelsText));
  }

  private async dropVanished(requests: readonly SeriesRequest[]): Promise<void> {
    const metrics = new Set(requests.map(({ name }) => this.index.findMetric(name)));
    const ids = [...metrics].filter((metric) => metric !== undefined).map(({ id }) => id);
    const metricIds = await waitOutOutage(() => this.repository.findVanishedMetrics(ids), this.options.store.waitMs);
    this.drop({ metricIds });
  }

  private async createMetrics(planned: readonly SeriesRequest[]): Promise<void> {
    const wanted = new Map<string, NewMetric>();
    for (const { name, type, declaration } of planned) {
      if (this.index.findMetric(name) === undefined && !wanted.has(name)) {
        wanted.set(name, { ...declaration, name, type });
      }
    }
    if (wanted.size === 0) return;
    const rows = await waitOutOutage(
      () => this.repository.ensureMetrics([...wanted.values()]),
      this.options.store.waitMs,
    );
    for (const row of rows) this.addMetric(row);
  }

  private async createSeries(planned: readonly SeriesRequest[]): Promise<void> {
    const wanted: NewSeries[] = [];
    for (const request of planned) {
      const metric = this.index.findMetric(request.name);
      // Another process, or another item of the same batch, has made it something else meanwhile, or deleted it.
      if (metric === undefined || contradiction(metric, request) !== undefined) continue;
      const { name, labels, temporality, tokenId } = request;
      wanted.push({ metricId: metric.id, metricName: name, labels, temporality, createdByTokenId: tokenId });
    }
    for (let start = 0; start < wanted.length; start += SERIES_PER_STATEMENT) {
      const part = wanted.slice(start, start + SERIES_PER_STATEMENT);
      const rows = await waitOutOutage(() => this.repository.ensureSeries(part), this.options.store.waitMs);
      // One that was there already may belong to a newer metric of the same name.
      await this.addSeriesOfAnyMetric(rows);
    }
  }

  private addMetric(row: MetricRow): Metric {
    const known = this.index.findMetric(row.name);
    const metric = this.index.addMetric(row);
    // A histogram changes what its parts may be, and a successor what was remembered of its name.
    if (metric !== known && (known !== undefined || row.type === 'histogram')) this.declarationCount++;
    return metric;
  }

  private update(metric: Metric, { temporality, help, unit }: MetricRow): void {
    if (metric.temporality === temporality && metric.help === help && metric.unit === unit) return;
    Object.assign(metric, { temporality, help, unit });
    this.declarationCount++;
  }

  /** Another process may have made the metric since metrics were read. */
  private async addSeriesOfAnyMetric(rows: readonly SeriesRow[]): Promise<void> {
    if (rows.some(({ metric_id }) => this.index.findMetricById(metric_id) === undefined)) {
      for (const row of await this.repository.findMetrics()) this.addMetric(row);
    }
    this.addSeries(rows);
  }

  private addSeries(rows: readonly SeriesRow[]): void {
    for (const row of rows) this.index.addSeries(row);
    this.ownMetrics.setSeriesCount(this.index.seriesCount);
  }
}
