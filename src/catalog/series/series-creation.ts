import type { CustomMetricsOptions } from '../../custom-metrics.options.js';
import { DatabaseTimeoutError, errorCodeOf, waitOutOutage, withDeadline } from '../../database/outage.js';
import { StoreWait, timeLeft } from '../../database/store-wait.js';
import { StoreUnavailableError } from '../../database/store-unavailable.error.js';
import type { MetricRow } from '../catalog.repository.js';
import type { SeriesRow } from './series-row.js';
import { contradiction } from '../metric/contradiction.js';
import type { CreationRepository, NewMetric, NewSeries } from '../creation.repository.js';
import { bytesOfSeries } from './memory-cost.js';
import type { Metric } from './series.js';
import { Refusal } from '../refusal.js';
import { type SeriesCounts, SeriesPlan, type SeriesRequest } from './series-plan.js';
import type { Series } from './series.js';

/**
 * Maximum number of attempts. A metric can be deleted or renamed while its series are created; if that happens this often in a
 * row, the request fails.
 */
const MAX_CREATION_ATTEMPTS = 5;

/**
 * Maximum number of series in one statement. Ten thousand with thirty labels each would block the event loop for half a second.
 */
const SERIES_PER_STATEMENT = 500;

/**
 * Maximum bytes of series in one statement, which matters for long labels. Writing and hashing a megabyte takes a few
 * milliseconds.
 */
const BYTES_PER_STATEMENT = 1024 * 1024;

/** Estimated ratio of the memory of a waiting request to that of its series. A request holds the labels in several forms. */
const BYTES_PER_SERIES_BYTE = 3;

/** Waiting requests may always take this much memory, even if the heap is small. */
const MIN_WAITING_BYTES = 16 * 1024 * 1024;

/** The SQLSTATE of Postgres for a sequence that has reached its end. */
const SEQUENCE_EXHAUSTED = '2200H';

/** The refusal of new series when all ids are used up, which takes years at usual rates. Known series are not affected. */
const NO_IDS = new Refusal(
  'series_limit',
  'Postgres has used up its ids for metrics or series, which are 32-bit numbers: deleted series do not give theirs back. The service ' +
    'needs a new database.',
);

/** The part of the catalog that the creation of series uses. */
export interface CreationTarget extends SeriesCounts {
  findMetric(name: string): Metric | undefined;
  takeMetrics(rows: readonly MetricRow[]): Promise<void>;
  takeSeries(rows: readonly SeriesRow[]): Promise<void>;
  /** Drops those of the given metrics that no longer exist in Postgres, and learns the new names of the others. */
  dropVanished(metrics: readonly Metric[]): Promise<void>;
  /** Waits for rows that the caller will add to the catalog. Throws if the catalog belongs to another database by then. */
  current<T>(rows: Promise<T>): Promise<T>;
}

interface Creation {
  readonly requests: readonly SeriesRequest[];
  /** The results of the first requests; the others are still waiting. */
  readonly results: (Series | Refusal)[];
  readonly bytes: number;
  readonly wait: StoreWait;
  readonly resolve: (series: (Series | Refusal)[]) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Creates series through one queue for the whole process, so that limits are counted exactly. The new series of many requests are
 * created together, several hundred in one statement, and other work gets a turn between statements.
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
   * Makes sure that series exist. They may be created after the wait for them has ended; then the next request finds them.
   *
   * @param wait the wait of the request that needs them
   * @returns for each request its series, or the refusal
   * @throws StoreUnavailableError if too many series or bytes wait already, or DatabaseTimeoutError after the wait
   */
  async ensure(requests: readonly SeriesRequest[], wait = new StoreWait()): Promise<(Series | Refusal)[]> {
    const created = this.enqueue(requests, wait);
    let hasFailed = false;
    created.catch(() => (hasFailed = true));
    const { waitMs } = this.options.store;
    for (;;) {
      try {
        return await withDeadline(created, timeLeft(waitMs, wait));
      } catch (error) {
        // Statements that Postgres answers quickly do not count as waiting, so the wait may not be over yet. Waiting again for what
        // has already failed would block the event loop.
        if (hasFailed || !(error instanceof DatabaseTimeoutError) || wait.isOver(waitMs)) throw error;
      }
    }
  }

  private enqueue(requests: readonly SeriesRequest[], wait: StoreWait): Promise<(Series | Refusal)[]> {
    const bytes = requests.reduce((sum, { labelsText }) => sum + bytesOfSeries(labelsText), 0) * BYTES_PER_SERIES_BYTE;
    const refusal = this.refusalOfAll(requests.length, bytes);
    if (refusal !== undefined) return Promise.reject(refusal);
    this.waitingRequests += requests.length;
    this.waitingBytes += bytes;
    return new Promise((resolve, reject) => {
      this.creations.push({ requests, results: [], bytes, wait, resolve, reject });
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
    // A request is always accepted if no other one waits, because a very large one would otherwise never be accepted.
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
      const startedAt = performance.now();
      try {
        const results = await this.create(slice.flatMap(({ requests }) => requests));
        for (const { wait } of this.creations) wait.noteAnswer(performance.now() - startedAt);
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

  /**
   * Returns the requests whose series the next statement creates, grouped by the creation that they belong to. All creations
   * share the statement, so that a request with a few new series does not wait for one with very many. Room that other
   * creations do not need goes to the oldest ones.
   */
  private nextSlice(): { creation: Creation; requests: readonly SeriesRequest[] }[] {
    const ends = new Map<Creation, number>();
    const room = { count: SERIES_PER_STATEMENT, bytes: BYTES_PER_STATEMENT };
    const share = Math.max(1, Math.floor(SERIES_PER_STATEMENT / this.creations.length));
    for (const most of [share, SERIES_PER_STATEMENT]) {
      for (const creation of this.creations) {
        const { requests, results } = creation;
        let end = ends.get(creation) ?? results.length;
        for (let taken = 0; end < requests.length && taken < most && room.count > 0 && room.bytes > 0; taken++) {
          room.bytes -= bytesOfSeries(requests[end]!.labelsText);
          room.count--;
          end++;
        }
        if (end > results.length || requests.length === 0) ends.set(creation, end);
      }
    }
    // Creations without a request in this slice come first in the next one.
    this.creations.sort((a, b) => Number(ends.has(a)) - Number(ends.has(b)));
    return Array.from(ends, ([creation, end]) => ({
      creation,
      requests: creation.requests.slice(creation.results.length, end),
    }));
  }

  private async create(requests: readonly SeriesRequest[]): Promise<(Series | Refusal)[]> {
    for (let attempt = 1; attempt <= MAX_CREATION_ATTEMPTS; attempt++) {
      const plan = new SeriesPlan(this.options.series, this.catalog);
      const refusals = requests.map((request) => plan.add(request, this.catalog.findMetric(request.name)));
      const planned = [...plan.requests];
      const hasIds = await this.createPlanned(planned);
      const results = requests.map((request, index) => refusals[index] ?? this.resultOf(request));
      if (!hasIds) return results.map((result) => result ?? NO_IDS);
      if (results.every((result) => result !== undefined)) return results;
      // In the meantime, series of other processes have used up the memory. The next plan refuses the missing series.
      if (!this.catalog.isComplete) continue;
      // Another process has deleted or renamed a metric, and this process has not learned of it yet. The name is free for a new
      // metric.
      const missing = new Set(requests.filter((_, index) => results[index] === undefined).map(({ name }) => name));
      const metrics = Array.from(missing, (name) => this.catalog.findMetric(name));
      await this.catalog.dropVanished(metrics.filter((metric) => metric !== undefined));
    }
    throw new StoreUnavailableError(
      'The metrics of this request are deleted or renamed repeatedly while it is processed. Send it again after Retry-After.',
    );
  }

  /** @returns false if Postgres has no more ids, in which case nothing was created in the last statement */
  private async createPlanned(planned: readonly SeriesRequest[]): Promise<boolean> {
    try {
      await this.createMetrics(planned);
      await this.createSeries(planned);
      return true;
    } catch (error) {
      if (errorCodeOf(error) === SEQUENCE_EXHAUSTED) return false;
      throw error;
    }
  }

  /** @returns undefined for a series that does not exist because it or its metric has been deleted in the meantime */
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
    await this.catalog.takeMetrics(
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
      // In the meantime, another process has deleted the metric, or another process or another item of the same batch has created
      // it with another type or temporality.
      if (metric === undefined || contradiction(metric, request) !== undefined) continue;
      const { name, labels, labelsText, temporality, tokenId, isScraped } = request;
      wanted.push({
        metricId: metric.id,
        metricName: name,
        labels,
        labelsText,
        temporality,
        createdByTokenId: tokenId,
        isScraped,
      });
    }
    if (wanted.length === 0) return;
    const rows = await waitOutOutage(
      () => this.catalog.current(this.repository.ensureSeries(wanted)),
      this.options.store.waitMs,
    );
    // A series that already existed may belong to a newer metric of the same name, which takeSeries reads.
    await this.catalog.takeSeries(rows);
  }
}
