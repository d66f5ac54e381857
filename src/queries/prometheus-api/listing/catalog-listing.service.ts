import { Inject, Injectable } from '@nestjs/common';
import { CatalogRefresh } from '../../../catalog/catalog-refresh.js';
import { Catalog } from '../../../catalog/catalog.js';
import { histogramOf } from '../../../catalog/metric/histogram-family.js';
import { forEachLabelIn, labelInText, labelNameToText, labelsFromText } from '../../../catalog/series/label-set.js';
import type { Metric } from '../../../catalog/series/series.js';
import type { Series } from '../../../catalog/series/series.js';
import { CUSTOM_METRICS_OPTIONS, type CustomMetricsOptions } from '../../../custom-metrics.options.js';
import { jsonParts } from '../../../http/answers/json-parts.js';
import { startStream } from '../../../http/answers/start-stream.js';
import type { View } from '../../../promql/evaluation/series/series-source.js';
import { sortedInTurns } from '../../../sample-store/reading/sorted-in-turns.js';
import { Turns } from '../../../scheduling/turns.js';
import { AnswerBudget } from '../answers/answer-budget.js';
import type { Asker } from '../query.service.js';
import { QueryDeadline } from '../query-deadline.js';
import { QueryLimiter } from '../query-limiter.js';
import type { ViewedSelector } from '../parameters/expression-parameter.js';
import { SeriesFinder } from './series-finder.js';
import { type ListedRange, VisibleSeries } from './visible-series.js';

/** A request for a listing: its selectors, its range, and its maximum number of items. */
export interface ListingRequest {
  /** The selectors. A series is listed if it matches at least one of them; an empty list means all series. */
  readonly selectors: readonly ViewedSelector[];
  /** The view of a request without selectors. */
  readonly view: View;
  /** The range in which listed series are visible; undefined for all times. */
  readonly range: ListedRange | undefined;
  /** Maximum number of items; 0 means all. */
  readonly limit: number;
}

/**
 * Maximum number of concurrent listings. Each of them takes turns with other work, so the limit keeps enough turns for that work
 * even if clients request many listings at once.
 */
const LISTINGS_AT_ONCE = 2;

const TRUNCATED = ['results truncated due to limit'];

/** The listed items, and whether the limit has cut off others. */
interface Listing<T> {
  readonly items: readonly T[];
  readonly isTruncated: boolean;
}

/**
 * Lists series, labels and metrics from the catalog in memory. With a range, only series that a query of the range would show
 * are listed.
 */
@Injectable()
export class CatalogListingService {
  private readonly limiter: QueryLimiter;
  private readonly budget = new AnswerBudget();

  constructor(
    private readonly catalog: Catalog,
    private readonly refresh: CatalogRefresh,
    private readonly finder: SeriesFinder,
    private readonly visible: VisibleSeries,
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
        forEachLabelIn(labelsText, (name) => names.add(name));
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
    const nameText = labelNameToText(label);
    return this.answer(async () => {
      const values = new Set<string>();
      await this.forEachMatching(request, asker, ({ metric, labelsText }) => {
        const value = label === '__name__' ? metric.name : labelInText(labelsText, nameText);
        if (value !== undefined) values.add(value);
        return true;
      });
      return cut(await sortedInTurns(values, byCodeUnits), request.limit);
    }, JSON.stringify);
  }

  /**
   * Returns the type, help and unit of metrics.
   *
   * @param limit maximum number of metrics; a negative number means all
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

  /**
   * Finds the items before the first byte is sent, so that an error can still be reported. Then the items are sent in parts.
   */
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

  /** Calls a function with each matching series until the function returns false. */
  private forEachMatching(request: ListingRequest, asker: Asker, look: (series: Series) => boolean): Promise<void> {
    return this.inTurn(asker, async (signal) => {
      for await (const page of this.matching(request, signal)) {
        for (const series of page) if (!look(series)) return;
      }
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

  private async *matching(request: ListingRequest, signal: AbortSignal): AsyncGenerator<readonly Series[]> {
    await this.finder.learn(request.selectors.map(({ matchers }) => matchers));
    const selectors = request.selectors.length === 0 ? [{ matchers: [], view: request.view }] : request.selectors;
    const seen = selectors.length > 1 ? new Set<Series>() : undefined;
    for (const selector of selectors) {
      for await (const page of this.foundBy(selector, request.range, signal)) {
        if (seen === undefined) {
          yield page;
          continue;
        }
        yield page.filter((series) => !seen.has(series));
        for (const series of page) seen.add(series);
      }
    }
  }

  private async *foundBy(
    { matchers, view }: ViewedSelector,
    range: ListedRange | undefined,
    signal: AbortSignal,
  ): AsyncGenerator<readonly Series[]> {
    if (range === undefined) {
      yield* this.finder.find(matchers, signal);
      return;
    }
    const pages: (readonly Series[])[] = [];
    for await (const page of this.finder.find(matchers, signal)) pages.push(page);
    const visible = await this.visible.find(pages.flat(), view, range, signal);
    for (const page of pages) yield page.filter((series) => visible.has(series));
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
