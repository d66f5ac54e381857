import { Inject, Injectable } from '@nestjs/common';
import { CatalogRefresh } from '../../catalog/catalog-refresh.js';
import { Catalog } from '../../catalog/catalog.js';
import { histogramOf } from '../../catalog/metric/histogram-family.js';
import { labelsFromText } from '../../catalog/series/label-set.js';
import type { Metric } from '../../catalog/series/series.js';
import type { Series } from '../../catalog/series/series.js';
import { CUSTOM_METRICS_OPTIONS, type CustomMetricsOptions } from '../../custom-metrics.options.js';
import { FUTURE_TOLERANCE_MS } from '../../database/future-tolerance.js';
import { LiveValues } from '../../live-values/live-values.js';
import { jsonParts } from '../../http/answers/json-parts.js';
import { startStream } from '../../http/answers/start-stream.js';
import type { LabelMatcher } from '../../promql/syntax/ast.js';
import { sortedInTurns } from '../../sample-store/reading/sorted-in-turns.js';
import { Turns } from '../../scheduling/turns.js';
import { AnswerBudget } from './answers/answer-budget.js';
import type { Asker } from './query.service.js';
import { QueryDeadline } from './query-deadline.js';
import { QueryLimiter } from './query-limiter.js';
import { SeriesFinder } from './series-finder.js';

/** The series that a request lists. */
export interface ListingRequest {
  /** A series is listed if it matches at least one of them; an empty list means all series. */
  readonly selectors: readonly (readonly LabelMatcher[])[];
  /** Milliseconds since the epoch. */
  readonly startMs: number;
  /** 0 = all. */
  readonly limit: number;
}

/** Listings run in turns with other work: two at once take half of it, however many a client requests. */
const LISTINGS_AT_ONCE = 2;

const TRUNCATED = ['results truncated due to limit'];

/** The listed items, and whether the limit has cut them. */
interface Listing<T> {
  readonly items: readonly T[];
  readonly isTruncated: boolean;
}

/**
 * Lists series, labels and metrics from the catalog in memory.
 *
 * The time range only excludes gauges that had ended before it: a counter holds its value forever, and samples may be older than
 * their series, so a finer selection would have to read samples.
 */
@Injectable()
export class CatalogListingService {
  private readonly limiter: QueryLimiter;
  private readonly budget = new AnswerBudget();

  constructor(
    private readonly catalog: Catalog,
    private readonly refresh: CatalogRefresh,
    private readonly finder: SeriesFinder,
    private readonly liveValues: LiveValues,
    @Inject(CUSTOM_METRICS_OPTIONS) private readonly options: CustomMetricsOptions,
  ) {
    this.limiter = new QueryLimiter(LISTINGS_AT_ONCE, options.promql.queriesPerToken);
  }

  /**
   * Lists the series that match at least one of the selectors.
   *
   * @returns the JSON of the answer, in parts
   * @throws PrometheusError
   */
  series(request: ListingRequest, asker: Asker): Promise<AsyncIterable<string>> {
    return this.answer(async () => {
      const found: Series[] = [];
      await this.forEachMatching(request, asker, (series) => {
        found.push(series);
        return request.limit === 0 || found.length <= request.limit;
      });
      return cut(found, request.limit);
    }, seriesJson);
  }

  /**
   * Lists the names of labels.
   *
   * @returns the JSON of the answer, in parts
   * @throws PrometheusError
   */
  labelNames(request: ListingRequest, asker: Asker): Promise<AsyncIterable<string>> {
    return this.answer(async () => {
      const names = new Set<string>();
      await this.forEachMatching(request, asker, ({ labelsText }) => {
        names.add('__name__');
        for (const name of Object.keys(labelsFromText(labelsText))) names.add(name);
        return true;
      });
      return cut(await sortedInTurns(names, byCodeUnits), request.limit);
    }, JSON.stringify);
  }

  /**
   * Lists the values of a label.
   *
   * @returns the JSON of the answer, in parts
   * @throws PrometheusError
   */
  labelValues(label: string, request: ListingRequest, asker: Asker): Promise<AsyncIterable<string>> {
    return this.answer(async () => {
      const values = new Set<string>();
      await this.forEachMatching(request, asker, ({ metric, labelsText }) => {
        if (label === '__name__') {
          values.add(metric.name);
        } else if (labelsText.includes(label)) {
          // The label's name may occur inside a value; but if the text does not contain it at all, the label is absent.
          const labels = labelsFromText(labelsText);
          if (Object.hasOwn(labels, label)) values.add(labels[label]!);
        }
        return true;
      });
      return cut(await sortedInTurns(values, byCodeUnits), request.limit);
    }, JSON.stringify);
  }

  /**
   * Returns the type, help and unit of metrics.
   *
   * @param limit maximum number of metrics; negative = all
   * @returns the JSON of the answer, in parts
   * @throws PrometheusError
   */
  metadata(name: string | undefined, limit: number, asker: Asker): Promise<AsyncIterable<string>> {
    return this.answer(
      () => this.inTurn(asker, () => this.metricsOf(name, limit)),
      (metric) => `${JSON.stringify(metric.name)}:${JSON.stringify([metadataOf(metric)])}`,
      'object',
    );
  }

  private async metricsOf(name: string | undefined, limit: number): Promise<Listing<Metric>> {
    await (name === undefined ? this.refresh.ofMetrics() : this.refresh.ofMetric(name));
    const turns = new Turns();
    const items: Metric[] = [];
    const metrics = name === undefined ? this.catalog.metrics : [this.catalog.findMetric(name)];
    for (const metric of metrics) {
      if (limit >= 0 && items.length >= limit) break;
      if (turns.isUp) await turns.give();
      // The parts of a histogram are covered by the metadata of their family, as in a scraped exposition.
      if (metric !== undefined && histogramOf(metric.name, this.catalog) === undefined) items.push(metric);
    }
    return { items, isTruncated: false };
  }

  /** Finds the items before the first byte is sent, so that an error can still be reported, then sends them in parts. */
  private answer<T>(
    find: () => Promise<Listing<T>>,
    itemJson: (item: T) => string,
    form: 'list' | 'object' = 'list',
  ): Promise<AsyncIterable<string>> {
    return startStream(this.whileHeld(find, itemJson, form));
  }

  private async *whileHeld<T>(
    find: () => Promise<Listing<T>>,
    itemJson: (item: T) => string,
    form: 'list' | 'object',
  ): AsyncGenerator<string> {
    const { items, isTruncated } = await find();
    const release = this.budget.hold(items.length);
    try {
      yield* jsonParts({
        head: { status: 'success' },
        listName: 'data',
        items,
        isObject: form === 'object',
        itemJson: (item) => itemJson(item),
        ...(isTruncated && { tail: { warnings: TRUNCATED } }),
      });
    } finally {
      release();
    }
  }

  /** Calls a function with each matching series until the function returns that it has enough. */
  private forEachMatching(request: ListingRequest, asker: Asker, look: (series: Series) => boolean): Promise<void> {
    return this.inTurn(asker, async (signal) => {
      for await (const series of this.matching(request, signal)) if (!look(series)) break;
    });
  }

  /** Runs a search when the request's turn comes. */
  private async inTurn<T>({ tokenId, client }: Asker, search: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const deadline = new QueryDeadline(client, this.options.promql.timeoutSeconds * 1_000);
    try {
      const leave = await this.limiter.enter(tokenId, deadline.signal);
      try {
        return await search(deadline.signal);
      } finally {
        leave();
      }
    } finally {
      deadline.clear();
    }
  }

  private async *matching(request: ListingRequest, signal: AbortSignal): AsyncGenerator<Series> {
    await this.finder.learn(request.selectors);
    const selectors = request.selectors.length === 0 ? [[]] : request.selectors;
    const seen = selectors.length > 1 ? new Set<Series>() : undefined;
    for (const matchers of selectors) {
      for await (const series of this.finder.find(matchers, signal)) {
        if (seen?.has(series) || !this.isVisibleSince(series, request.startMs)) continue;
        seen?.add(series);
        yield series;
      }
    }
  }

  private isVisibleSince(series: Series, startMs: number): boolean {
    if (!this.liveValues.has(series)) return true;
    const { gaugeTimeToLiveSeconds, counterTimeToLiveSeconds } = this.options.promql;
    const timeToLive = series.metric.type === 'gauge' ? gaugeTimeToLiveSeconds : counterTimeToLiveSeconds;
    if (timeToLive === 0) return true;
    return this.liveValues.pushedAtOf(series) + FUTURE_TOLERANCE_MS + timeToLive * 1_000 >= startMs;
  }
}

function cut<T>(items: readonly T[], limit: number): Listing<T> {
  const isTruncated = limit > 0 && items.length > limit;
  return { items: isTruncated ? items.slice(0, limit) : items, isTruncated };
}

function seriesJson({ metric, labelsText }: Series): string {
  return JSON.stringify({ __name__: metric.name, ...labelsFromText(labelsText) });
}

/** Returns the metadata of a metric in Prometheus' format. */
function metadataOf({ type, help, unit }: Metric): object {
  return { type, help: help ?? '', unit: unit ?? '' };
}

function byCodeUnits(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
