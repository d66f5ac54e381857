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

/** A metric can be deleted while its series are created; if this happens so often in a row, the request fails. */
const MAX_CREATION_ATTEMPTS = 5;

/**
 * Maximum number of series in one statement: ten thousand with thirty labels each would block the event loop for half a second.
 */
const SERIES_PER_STATEMENT = 500;

/** Maximum bytes of series in one statement, for long labels: writing and hashing a megabyte takes a few milliseconds. */
const BYTES_PER_STATEMENT = 1024 * 1024;

/** Estimated ratio of the memory of a waiting request to that of its series, because it holds the labels in several forms. */
const BYTES_PER_SERIES_BYTE = 3;

/** This much may wait, however small the heap is. */
const MIN_WAITING_BYTES = 16 * 1024 * 1024;

/** The part of the catalog that the creation of series uses. */
export interface CreationTarget extends SeriesCounts {
  findMetric(name: string): Metric | undefined;
  takeMetrics(rows: readonly MetricRow[]): void;
  takeSeries(rows: readonly SeriesRow[]): Promise<void>;
  /** Drops those of the metrics that no longer exist in Postgres. */
  dropVanished(metrics: readonly Metric[]): Promise<void>;
  /** Waits for rows that will be added, and throws if the catalog belongs to another database by then. */
  current<T>(rows: Promise<T>): Promise<T>;
}

interface Creation {
  readonly requests: readonly SeriesRequest[];
  /** The results of the first requests; the others are still waiting. */
  readonly results: (Series | Refusal)[];
  readonly bytes: number;
  readonly resolve: (series: (Series | Refusal)[]) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Creates series through one queue for the whole process, so that limits are counted exactly. The new series of many requests are
 * created together, several hundred in one statement, and other work has a turn between statements.
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
   * @returns for each request its series, or the refusal
   * @throws StoreUnavailableError if too many series or bytes wait already
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
        `${this.waitingRequests} new series wait for Postgres, and the limit (STORE_QUEUE_SAMPLES) is ${queueSamples}. ` +
          'Nothing of this request was stored. Send it again after Retry-After.',
      );
    }
    const limit = Math.max(MIN_WAITING_BYTES, this.options.series.memoryLimitBytes / 4);
    // One request is always accepted, because otherwise a large one would never be.
    if (this.waitingBytes > 0 && this.waitingBytes + bytes > limit) {
      return new StoreUnavailableError(
        `New series of ${Math.round(this.waitingBytes / 1024 ** 2)} MiB wait for Postgres, and the limit is a quarter of ` +
          'SERIES_MEMORY_LIMIT. Nothing of this request was stored. Send it again after Retry-After.',
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

  /** Returns the oldest waiting requests that fit into one statement, grouped by the creation that they belong to. */
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
      // Series of other processes have used up the memory meanwhile. The next plan refuses the missing series.
      if (!this.catalog.isComplete) continue;
      // Another process has deleted a metric, and this process does not know that yet. Its name is free for a new metric.
      const missing = new Set(requests.filter((_, index) => results[index] === undefined).map(({ name }) => name));
      const metrics = Array.from(missing, (name) => this.catalog.findMetric(name));
      await this.catalog.dropVanished(metrics.filter((metric) => metric !== undefined));
    }
    throw new StoreUnavailableError(
      'The metrics of this request are deleted repeatedly while it is processed. Send it again after Retry-After.',
    );
  }

  /** @returns undefined for a series that does not exist, because it or its metric has been deleted meanwhile */
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
      // Meanwhile another process, or another item of the same batch, has created it with another type, or deleted it.
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
    // A series that existed already may belong to a newer metric of the same name.
    await this.catalog.takeSeries(rows);
  }
}
