import { Injectable } from '@nestjs/common';
import { CatalogRefresh } from '../../../catalog/catalog-refresh.js';
import { Catalog } from '../../../catalog/catalog.js';
import { HISTOGRAM_SUFFIX } from '../../../catalog/metric/histogram-family.js';
import type { Metric } from '../../../catalog/series/series.js';
import { LiveValues } from '../../../live-values/live-values.js';
import { decodeCursor, encodeCursor } from '../samples/cursor.js';
import type { MetricsQueryDto } from '../dto/metrics-query.dto.js';
import { ListedMetricResponse } from '../dto/metrics.response.js';
import { pageSizeOf } from '../dto/page-query.dto.js';
import type { SeriesQueryDto } from '../dto/series-query.dto.js';
import { ListedSeriesResponse } from '../dto/series.response.js';
import { SeriesSelection } from '../../selection/series-selection.js';
import { jsonParts } from '../../../http/answers/json-parts.js';
import { PageSize } from '../page-size.js';
import { ReadLimiter } from '../read-limiter.js';
import { smallest } from '../aggregates/smallest.js';
import { startStream } from '../../../http/answers/start-stream.js';

/** Lists metrics and series from the catalog in memory. */
@Injectable()
export class ListingService {
  constructor(
    private readonly catalog: Catalog,
    private readonly refresh: CatalogRefresh,
    private readonly selection: SeriesSelection,
    private readonly liveValues: LiveValues,
    private readonly limiter: ReadLimiter,
  ) {}

  /**
   * Lists metrics in the order of their names.
   *
   * @returns the JSON of a MetricsResponse
   */
  findMetrics(query: MetricsQueryDto): Promise<AsyncIterable<string>> {
    return startStream(this.limiter.whileAdmitted(() => this.metricsPage(query)));
  }

  /**
   * Lists the series of one metric in the order of their ids, which is the order of their creation.
   *
   * @param signal ends the work when the client no longer waits for the answer
   *
   * @returns the JSON of a SeriesResponse
   */
  findSeries(query: SeriesQueryDto, signal?: AbortSignal): Promise<AsyncIterable<string>> {
    return startStream(this.limiter.whileAdmitted(() => this.seriesPage(query, signal)));
  }

  private async metricsPage(query: MetricsQueryDto): Promise<AsyncIterable<string>> {
    await this.refresh.ofMetrics();
    const { search, cursor } = query;
    const pageSize = pageSizeOf(query);
    const request = ['metrics', search ?? null];
    const [after] = cursor === undefined ? [''] : decodeCursor(request, cursor, ['string'] as const);
    const matching = this.matching(search?.toLowerCase(), after);
    const metrics = await smallest(matching, pageSize + 1, (a, b) => (a.name < b.name ? -1 : 1));
    const size = new PageSize(pageSize);
    const page = takeWhile(metrics, ({ name, help, unit }) =>
      size.takes(name.length + (help?.length ?? 0) + (unit?.length ?? 0)),
    );
    const nextCursor = metrics.length > page.length ? encodeCursor(request, [page.at(-1)!.name]) : null;
    return jsonParts({
      listName: 'metrics',
      items: page,
      itemJson: (metric) => JSON.stringify(ListedMetricResponse.of(metric, this.activityOf(metric))),
      tail: { nextCursor },
    });
  }

  private async seriesPage(query: SeriesQueryDto, signal: AbortSignal | undefined): Promise<AsyncIterable<string>> {
    const { metric, label, cursor } = query;
    const pageSize = pageSizeOf(query);
    const request = ['series', metric, label];
    const [after] = cursor === undefined ? [0] : decodeCursor(request, cursor, ['number'] as const);
    const { series } = await this.selection.select(metric, label, signal);
    const rest = series.filter(({ id }) => id > after);
    const size = new PageSize(pageSize);
    const page = takeWhile(rest, ({ labelsText }) => size.takes(labelsText.length));
    const nextCursor = rest.length > page.length ? encodeCursor(request, [page.at(-1)!.id]) : null;
    return jsonParts({
      listName: 'series',
      items: page,
      itemJson: (each) => JSON.stringify(ListedSeriesResponse.of(each, this.liveValues)),
      tail: { nextCursor },
    });
  }

  private *matching(search: string | undefined, after: string): Generator<Metric> {
    for (const metric of this.catalog.metrics) {
      if (metric.name > after && (search === undefined || metric.name.toLowerCase().includes(search))) yield metric;
    }
  }

  /**
   * Returns the number of series and the time of the last push; for a histogram, which has no series of its own, those of its
   * counters.
   */
  private activityOf(metric: Metric): { seriesCount: number; lastPushAt: number | null } {
    const holders =
      metric.type === 'histogram'
        ? Object.values(HISTOGRAM_SUFFIX).map((suffix) => this.catalog.findMetric(metric.name + suffix))
        : [metric];
    let seriesCount = 0;
    let lastPushAt: number | null = null;
    for (const holder of holders) {
      for (const series of holder?.series.values() ?? []) {
        seriesCount++;
        const pushedAt = this.liveValues.pushedAtOf(series);
        if (pushedAt > (lastPushAt ?? 0)) lastPushAt = pushedAt;
      }
    }
    return { seriesCount, lastPushAt };
  }
}

function takeWhile<T>(items: readonly T[], fits: (item: T) => boolean): readonly T[] {
  const end = items.findIndex((item) => !fits(item));
  return end < 0 ? items : items.slice(0, end);
}
