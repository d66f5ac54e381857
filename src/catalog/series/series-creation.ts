import type { CustomMetricsOptions } from '../../custom-metrics.options.js';
import { waitOutOutage } from '../../database/outage.js';
import { StoreUnavailableError } from '../../database/store-unavailable.error.js';
import type { MetricRow } from '../catalog.repository.js';
import type { SeriesRow } from './series-row.js';
import { contradiction } from '../metric/contradiction.js';
import type { CreationRepository, NewMetric, NewSeries } from '../creation.repository.js';
import { bytesOfSeries } from './memory-cost.js';
import type { Metric } from './series.js';
import type { Refusal } from '../refusal.js';
import { type SeriesCounts, SeriesPlan, type SeriesRequest } from './series-plan.js';
import type { Series } from './series.js';

/** A metric can be deleted while its series are made; more than some times in a row is not chance. */
const MAX_CREATION_ATTEMPTS = 5;

/** Ten thousand series with thirty labels each, made in one statement, would hold the event loop for half a second. */
const SERIES_PER_STATEMENT = 500;

/** The same for labels as long as they may be: writing and hashing a megabyte takes some milliseconds. */
const BYTES_PER_STATEMENT = 1024 * 1024;

/** A request for a new series holds its labels in several forms until the series is there. */
const BYTES_PER_SERIES_BYTE = 3;

/** What may wait at least, however small the heap is. */
const MIN_WAITING_BYTES = 16 * 1024 * 1024;

/** What the creation of series needs to know of the catalog, and tells it. */
export interface CreationTarget extends SeriesCounts {
  findMetric(name: string): Metric | undefined;
  takeMetrics(rows: readonly MetricRow[]): void;
  takeSeries(rows: readonly SeriesRow[]): Promise<void>;
  /** Drops those of the metrics that are not in Postgres any more. */
  dropVanished(metrics: readonly Metric[]): Promise<void>;
  /** Waits for rows that are to be taken in; throws if the catalog is of another database by then. */
  current<T>(rows: Promise<T>): Promise<T>;
}

interface Creation {
  readonly requests: readonly SeriesRequest[];
  /** Of the first requests; what is missing is still to be made. */
  readonly results: (Series | Refusal)[];
  readonly bytes: number;
  readonly resolve: (series: (Series | Refusal)[]) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * The one queue in which a process creates series, so that limits are counted exactly. The new series of many requests are
 * made together, some hundred in one statement, and others have a turn in between.
 */
export class SeriesCreation {
  private readonly creations: Creation[] = [];
  private isCreating = false;
  private waitingRequests = 0;
  private waitingBytes = 0;

  constructor(
    private readonly catalog: CreationTarget,
    private readonly repository: CreationRepository,
    private readonly options: Pick<CustomMetricsOptions, 'series' | 'store'>,
  ) {}

  /**
   * Makes sure that series exist.
   *
   * @returns for each request its series, or why it can't have one
   * @throws StoreUnavailableError if too much waits already
   */
  ensure(requests: readonly SeriesRequest[]): Promise<(Series | Refusal)[]> {
    const bytes = requests.reduce((sum, { labelsText }) => sum + bytesOfSeries(labelsText), 0) * BYTES_PER_SERIES_BYTE;
    const refusal = this.refusalOfAll(requests.length, bytes);
    if (refusal !== undefined) return Promise.reject(refusal);
    this.waitingRequests += requests.length;
    this.waitingBytes += bytes;
    return new Promise((resolve, reject) => {
      this.creations.push({ requests, results: [], bytes, resolve, reject });
      if (!this.isCreating) void this.createAll();
    });
  }

  private refusalOfAll(count: number, bytes: number): StoreUnavailableError | undefined {
    const { queueSamples } = this.options.store;
    if (this.waitingRequests + count > queueSamples) {
      return new StoreUnavailableError(
        `${this.waitingRequests} new series wait for Postgres, the limit (STORE_QUEUE_SAMPLES) is ${queueSamples}. ` +
          'Nothing of this request was stored; send it again.',
      );
    }
    const limit = Math.max(MIN_WAITING_BYTES, this.options.series.memoryLimitBytes / 4);
    // One request is always taken, or a large one could never be.
    if (this.waitingBytes > 0 && this.waitingBytes + bytes > limit) {
      return new StoreUnavailableError(
        `New series of ${Math.round(this.waitingBytes / 1024 ** 2)} MiB wait for Postgres, and more than a quarter of ` +
          'SERIES_MEMORY_LIMIT may not wait. Nothing of this request was stored; send it again.',
      );
    }
    return undefined;
  }

  private async createAll(): Promise<void> {
    this.isCreating = true;
    while (this.creations.length > 0) {
      const slice = this.nextSlice();
      try {
        const results = await this.create(slice.flatMap(({ requests }) => requests));
        let offset = 0;
        for (const { creation, requests } of slice) {
          creation.results.push(...results.slice(offset, offset + requests.length));
          offset += requests.length;
          if (creation.results.length === creation.requests.length) this.end(creation).resolve(creation.results);
        }
      } catch (error) {
        for (const { creation } of slice) this.end(creation).reject(error);
      }
    }
    this.isCreating = false;
  }

  private end(creation: Creation): Creation {
    this.creations.splice(this.creations.indexOf(creation), 1);
    this.waitingRequests -= creation.requests.length;
    this.waitingBytes -= creation.bytes;
    return creation;
  }

  /** What waits longest, as much as goes into one statement, by the creations that it belongs to. */
  private nextSlice(): { creation: Creation; requests: readonly SeriesRequest[] }[] {
    const slice: { creation: Creation; requests: readonly SeriesRequest[] }[] = [];
    let count = 0;
    let bytes = 0;
    for (const creation of this.creations) {
      const { requests, results } = creation;
      let end = results.length;
      while (end < requests.length && count < SERIES_PER_STATEMENT && bytes < BYTES_PER_STATEMENT) {
        bytes += bytesOfSeries(requests[end]!.labelsText);
        count++;
        end++;
      }
      const part = requests.slice(results.length, end);
      if (part.length > 0 || requests.length === 0) slice.push({ creation, requests: part });
      if (end < requests.length) break;
    }
    return slice;
  }

  private async create(requests: readonly SeriesRequest[]): Promise<(Series | Refusal)[]> {
    for (let attempt = 1; attempt <= MAX_CREATION_ATTEMPTS; attempt++) {
      const plan = new SeriesPlan(this.options.series, this.catalog);
      const refusals = requests.map((request) => plan.add(request, this.catalog.findMetric(request.name)));
      const planned = [...plan.requests];
      await this.createMetrics(planned);
      await this.createSeries(planned);
      const results = requests.map((request, index) => refusals[index] ?? this.resultOf(request));
      if (results.every((result) => result !== undefined)) return results;
      // Memory ran out meanwhile, by what other processes made: the next plan refuses what is missing.
      if (!this.catalog.isComplete) continue;
      // Another process has deleted a metric, and this one has not heard of it: its name is free for a new one.
      const missing = new Set(requests.filter((_, index) => results[index] === undefined).map(({ name }) => name));
      const metrics = Array.from(missing, (name) => this.catalog.findMetric(name));
      await this.catalog.dropVanished(metrics.filter((metric) => metric !== undefined));
    }
    throw new StoreUnavailableError('The metrics of this request are being deleted again and again. Send it again.');
  }

  /** @returns undefined for a series that is not there, because it or its metric has been deleted meanwhile */
  private resultOf(request: SeriesRequest): Series | Refusal | undefined {
    const metric = this.catalog.findMetric(request.name);
    return metric && (contradiction(metric, request) ?? metric.series.get(request.labelsText));
  }

  private async createMetrics(planned: readonly SeriesRequest[]): Promise<void> {
    const wanted = new Map<string, NewMetric>();
    for (const { name, type, declaration } of planned) {
      if (this.catalog.findMetric(name) === undefined && !wanted.has(name)) {
        wanted.set(name, { ...declaration, name, type });
      }
    }
    if (wanted.size === 0) return;
    this.catalog.takeMetrics(
      await waitOutOutage(
        () => this.catalog.current(this.repository.ensureMetrics([...wanted.values()])),
        this.options.store.waitMs,
      ),
    );
  }

  private async createSeries(planned: readonly SeriesRequest[]): Promise<void> {
    const wanted: NewSeries[] = [];
    for (const request of planned) {
      const metric = this.catalog.findMetric(request.name);
      // Another process, or another item of the same batch, has made it something else meanwhile, or deleted it.
      if (metric === undefined || contradiction(metric, request) !== undefined) continue;
      const { name, labels, labelsText, temporality, tokenId } = request;
      wanted.push({
        metricId: metric.id,
        metricName: name,
        labels,
        labelsText,
        temporality,
        createdByTokenId: tokenId,
      });
    }
    if (wanted.length === 0) return;
    const rows = await waitOutOutage(
      () => this.catalog.current(this.repository.ensureSeries(wanted)),
      this.options.store.waitMs,
    );
    // One that was there already may belong to a newer metric of the same name.
    await this.catalog.takeSeries(rows);
  }
}
