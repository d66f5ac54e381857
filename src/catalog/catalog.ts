import { Inject, Injectable } from '@nestjs/common';
import { CUSTOM_METRICS_OPTIONS, type CustomMetricsOptions } from '../custom-metrics.options.js';
import { waitOutOutage } from '../database/outage.js';
import { StoreUnavailableError } from '../database/store-unavailable.error.js';
import {
  CatalogRepository,
  type MetricRow,
  type NewMetric,
  type NewSeries,
  type SeriesRow,
} from './catalog.repository.js';
import { labelSetOf, labelsToText } from './label-set.js';
import { CatalogMetrics } from './catalog.metrics.js';
import { Metric, type MetricDeclaration, type MetricType } from './metric.js';
import { Refusal } from './refusal.js';
import { SeriesPlan, type SeriesRequest } from './series-plan.js';
import { Series } from './series.js';

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
  private readonly metricsById = new Map<number, Metric>();
  private readonly metricsByName = new Map<string, Metric>();
  private readonly seriesById = new Map<number, Series>();
  private readonly seriesCountByToken = new Map<number, number>();
  private readonly creations: Creation[] = [];
  private isCreating = false;
  private waitingRequests = 0;
  private isLoaded = false;
  private declarationCount = 0;

  constructor(
    private readonly repository: CatalogRepository,
    @Inject(CUSTOM_METRICS_OPTIONS) private readonly options: CustomMetricsOptions,
    private readonly ownMetrics: CatalogMetrics,
  ) {}

  /** Reads everything from Postgres; at start, before anything else is asked. */
  async load(): Promise<void> {
    for (const row of await this.repository.findMetrics()) this.addMetric(row);
    for await (const page of this.repository.findSeries()) await this.addSeriesOfAnyMetric(page);
    this.isLoaded = true;
  }

  get isReady(): boolean {
    return this.isLoaded;
  }

  /**
   * Grows with each declaration. What was once resolved may be refused afterwards (a bucket of a histogram without a
   * readable bound), so whoever remembers resolved items forgets them when this has changed.
   */
  get declarations(): number {
    return this.declarationCount;
  }

  get seriesCount(): number {
    return this.seriesById.size;
  }

  /** All metrics, in the order of their creation. */
  get metrics(): Iterable<Metric> {
    return this.metricsById.values();
  }

  findMetric(name: string): Metric | undefined {
    return this.metricsByName.get(name);
  }

  findSeriesById(id: number): Series | undefined {
    return this.seriesById.get(id);
  }

  /** Learns of series that another process made, by their ids. */
  async fetchSeries(ids: readonly number[]): Promise<void> {
    await this.addSeriesOfAnyMetric(await this.repository.findSeriesByIds(ids));
  }

  /** Learns what other processes have made of metrics, or said of them, in the last seconds. */
  async refreshMetrics(seconds: number): Promise<void> {
    for (const row of await this.repository.findMetricsUpdatedWithin(seconds)) this.update(this.addMetric(row), row);
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

  /** Sets or fills what is said of a metric, in Postgres and here; the caller has checked it for conflicts. */
  async describe(metric: Metric, declaration: MetricDeclaration, isOverwriting: boolean): Promise<void> {
    const row = await waitOutOutage(
      () => this.repository.describeMetric(metric.id, declaration, isOverwriting),
      this.options.store.waitMs,
    );
    this.update(metric, row);
  }

  /** Makes sure that a metric exists, whoever is first. The type may be another one than asked for. */
  async ensureMetric(metric: NewMetric): Promise<Metric> {
    const rows = await waitOutOutage(() => this.repository.ensureMetrics([metric]), this.options.store.waitMs);
    return this.addMetric(rows[0]!);
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
    const plan = new SeriesPlan(this.options.limits, {
      total: this.seriesById.size,
      ofToken: (tokenId) => this.seriesCountByToken.get(tokenId) ?? 0,
    });
    const refusals = requests.map((request) => plan.add(request, this.metricsByName.get(request.name)));
    const planned = [...plan.requests];
    await this.createMetrics(planned);
    await this.createSeries(planned);
    return requests.map((request, index) => {
      if (refusals[index]) return refusals[index];
      const metric = this.metricsByName.get(request.name)!;
      return contradiction(metric, request) ?? metric.series.get(request.labelsText)!;
    });
  }

  private async createMetrics(planned: readonly SeriesRequest[]): Promise<void> {
    const wanted = new Map<string, NewMetric>();
    for (const { name, type, declaration } of planned) {
      if (!this.metricsByName.has(name) && !wanted.has(name)) wanted.set(name, { ...declaration, name, type });
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
      const metric = this.metricsByName.get(request.name)!;
      // Another process, or another item of the same batch, has made it something else meanwhile.
      if (contradiction(metric, request) !== undefined) continue;
      const { name, labels, temporality, tokenId } = request;
      wanted.push({ metricId: metric.id, metricName: name, labels, temporality, createdByTokenId: tokenId });
    }
    if (wanted.length === 0) return;
    this.addSeries(await waitOutOutage(() => this.repository.ensureSeries(wanted), this.options.store.waitMs));
  }

  private addMetric(row: MetricRow): Metric {
    let metric = this.metricsById.get(row.id);
    if (metric === undefined) {
      metric = new Metric(row.id, row.name, row.type, row.created_at, row.temporality, row.help, row.unit);
      this.metricsById.set(row.id, metric);
      this.metricsByName.set(row.name, metric);
      // A histogram changes what its parts may be.
      if (row.type === 'histogram') this.declarationCount++;
    }
    return metric;
  }

  private update(metric: Metric, { temporality, help, unit }: MetricRow): void {
    if (metric.temporality === temporality && metric.help === help && metric.unit === unit) return;
    Object.assign(metric, { temporality, help, unit });
    this.declarationCount++;
  }

  /** Another process may have made the metric since metrics were read. */
  private async addSeriesOfAnyMetric(rows: readonly SeriesRow[]): Promise<void> {
    if (rows.some(({ metric_id }) => !this.metricsById.has(metric_id))) {
      for (const row of await this.repository.findMetrics()) this.addMetric(row);
    }
    this.addSeries(rows);
  }

  private addSeries(rows: readonly SeriesRow[]): void {
    for (const row of rows) {
      if (this.seriesById.has(row.id)) continue;
      const metric = this.metricsById.get(row.metric_id)!;
      const series = new Series(
        row.id,
        this.seriesById.size,
        metric,
        labelsToText(labelSetOf(row.labels)),
        row.temporality,
        row.created_by_token_id,
        row.created_at,
      );
      metric.series.set(series.labelsText, series);
      this.seriesById.set(row.id, series);
      if (row.created_by_token_id !== null) {
        const count = this.seriesCountByToken.get(row.created_by_token_id) ?? 0;
        this.seriesCountByToken.set(row.created_by_token_id, count + 1);
      }
    }
    this.ownMetrics.setSeriesCount(this.seriesById.size);
  }
}

/** The refusal of a sample, or of a declaration, that takes a metric for something else. */
export function typeConflict(metric: Metric, wanted: MetricType): Refusal {
  return new Refusal(
    'type_conflict',
    `${metric.name} is a ${metric.type} since ${metric.createdAt.toISOString()} and can't be taken as a ${wanted}. ` +
      'A name has one type for ever: leave out "type", or use another name.',
  );
}

/** Why a series can't be made as it is wanted, judged by what its metric is now. */
function contradiction(
  metric: Metric,
  { type, temporality, isTemporalityGiven }: Pick<SeriesRequest, 'type' | 'temporality' | 'isTemporalityGiven'>,
): Refusal | undefined {
  if (metric.type !== type) return typeConflict(metric, type);
  const isOther =
    !isTemporalityGiven && temporality !== null && metric.temporality !== null && metric.temporality !== temporality;
  return isOther
    ? new Refusal(
        'temporality_conflict',
        `${metric.name} has just been declared ${metric.temporality}, and this sample is ${temporality}. Send it again, ` +
          `as ${metric.temporality}.`,
      )
    : undefined;
}
