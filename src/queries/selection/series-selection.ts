import { Inject, Injectable, NotFoundException } from '@nestjs/common';
import { CatalogRefresh } from '../../catalog/catalog-refresh.js';
import { Catalog } from '../../catalog/catalog.js';
import { HISTOGRAM_SUFFIX } from '../../catalog/metric/histogram-family.js';
import type { Metric } from '../../catalog/series/series.js';
import type { Series } from '../../catalog/series/series.js';
import { CUSTOM_METRICS_OPTIONS, type CustomMetricsOptions } from '../../custom-metrics.options.js';
import { BadDataError } from '../../http/answers/errors.js';
import { sortedInTurns } from '../../sample-store/reading/sorted-in-turns.js';
import { Turns } from '../../scheduling/turns.js';
import { matcherOf, parseLabelFilter } from './label-filter.js';
import { mostSimilarName } from '../../outside-text/most-similar-name.js';

/** A metric and its requested series, in the order of their ids. */
export interface SelectedSeries {
  readonly metric: Metric;
  readonly series: readonly Series[];
}

/** Finds the metric and series that a request names, for queries of the history, removals and corrections. */
@Injectable()
export class SeriesSelection {
  constructor(
    private readonly catalog: Catalog,
    private readonly refresh: CatalogRefresh,
    @Inject(CUSTOM_METRICS_OPTIONS) private readonly options: CustomMetricsOptions,
  ) {}

  /**
   * Returns a test for the labels of series.
   *
   * @param labels `name=value` and `name!=value` texts
   * @throws BadDataError for malformed labels
   */
  matcherOf(labels: readonly string[]): (series: Series) => boolean {
    return matcherOf(parseLabelFilter(labels, this.options.series.nameValidation));
  }

  /**
   * Finds a metric and its series, including those that another process created a moment ago, because a client that got a 202 may
   * query them.
   *
   * @param labels `name=value` and `name!=value` texts
   * @param signal ends the search when the client no longer waits for it
   * @throws NotFoundException with a hint for a metric that was never pushed; BadDataError for malformed labels, or for a
   * histogram, which has no samples of its own
   */
  async select(metricName: string, labels: readonly string[], signal?: AbortSignal): Promise<SelectedSeries> {
    const matches = this.matcherOf(labels);
    await this.refresh.ofMetric(metricName);
    const metric = this.catalog.findMetric(metricName);
    if (metric === undefined) throw this.unknownMetric(metricName);
    if (metric.type === 'histogram') throw isHistogram(metricName);
    return { metric, series: await inOrderOfIds(metric.series.values(), matches, signal) };
  }

  /**
   * Finds a metric and the series that hold its samples. For a histogram these are the series of its counter `_bucket`.
   *
   * @throws NotFoundException, BadDataError
   */
  async selectObserved(metricName: string, labels: readonly string[], signal?: AbortSignal): Promise<SelectedSeries> {
    const matches = this.matcherOf(labels);
    await this.refresh.ofMetric(metricName);
    const metric = this.catalog.findMetric(metricName);
    if (metric === undefined) throw this.unknownMetric(metricName);
    const owner = metric.type === 'histogram' ? await this.findPart(metric, HISTOGRAM_SUFFIX.bucket) : metric;
    return { metric, series: await inOrderOfIds(owner?.series.values() ?? [], matches, signal) };
  }

  /**
   * Finds the series of one metric, like {@link select}, or those of all metrics. For a histogram, these are the series of its
   * counters.
   *
   * @param metricName undefined for all metrics
   * @returns the series in the order of their ids
   * @throws NotFoundException, BadDataError
   */
  async selectAny(
    metricName: string | undefined,
    labels: readonly string[],
    signal?: AbortSignal,
  ): Promise<readonly Series[]> {
    const matches = this.matcherOf(labels);
    if (metricName === undefined) {
      await this.refresh.ofAllSeries();
      return inOrderOfIds(this.catalog.allSeries(), matches, signal);
    }
    await this.refresh.ofMetric(metricName);
    const metric = this.catalog.findMetric(metricName);
    if (metric === undefined) throw this.unknownMetric(metricName);
    if (metric.type !== 'histogram') return inOrderOfIds(metric.series.values(), matches, signal);
    const names = Object.values(HISTOGRAM_SUFFIX).map((suffix) => metricName + suffix);
    await Promise.all(names.map((name) => this.refresh.ofMetric(name)));
    // All parts are looked up without a pause in between, because a rename during a pause would leave some of them out.
    return inOrderOfIds(seriesOf(names.map((name) => this.catalog.findMetric(name))), matches, signal);
  }

  private async findPart({ name }: Metric, suffix: string): Promise<Metric | undefined> {
    await this.refresh.ofMetric(name + suffix);
    return this.catalog.findMetric(name + suffix);
  }

  /** Returns all series, in the order of their ids. */
  async all(signal?: AbortSignal): Promise<Series[]> {
    await this.refresh.ofAllSeries();
    return inOrderOfIds(this.catalog.allSeries(), () => true, signal);
  }

  /** Builds the error for a name that no metric has. */
  unknownMetric(name: string): NotFoundException {
    const nearest = mostSimilarName(name, namesOf(this.catalog.metrics));
    const hint = nearest === undefined ? '' : ` Did you mean ${nearest}?`;
    return new NotFoundException(
      `There is no metric ${name.slice(0, 200)}.${hint} GET /api/history/metrics lists all metrics; a metric exists from its first push on.`,
    );
  }
}

/**
 * Returns the matching series in the order of their ids. Two processes learn of new series in different orders, but ids are the
 * same everywhere. A metric can have a million series, so other work gets turns in between.
 */
async function inOrderOfIds(
  candidates: Iterable<Series>,
  matches: (series: Series) => boolean,
  signal: AbortSignal | undefined,
): Promise<Series[]> {
  const turns = new Turns();
  const found: Series[] = [];
  let isSorted = true;
  for (const series of candidates) {
    if (matches(series)) {
      isSorted &&= found.length === 0 || found.at(-1)!.id < series.id;
      found.push(series);
    }
    if (turns.isUp) {
      await turns.give();
      signal?.throwIfAborted();
    }
  }
  return isSorted ? found : sortedInTurns(found, (a, b) => a.id - b.id);
}

function* namesOf(metrics: Iterable<Metric>): Generator<string> {
  for (const { name } of metrics) yield name;
}

function* seriesOf(metrics: readonly (Metric | undefined)[]): Generator<Series> {
  for (const metric of metrics) if (metric !== undefined) yield* metric.series.values();
}

function isHistogram(name: string): BadDataError {
  const parts = Object.values(HISTOGRAM_SUFFIX).map((suffix) => name + suffix);
  return new BadDataError([
    {
      path: '/query/metric',
      message: `The \`/query/metric\` property names a histogram, whose samples are those of the counters ${parts.join(', ')}. Ask for one of them.`,
    },
  ]);
}
