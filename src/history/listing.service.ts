import { Injectable } from '@nestjs/common';
import { CatalogCatchUp } from '../catalog/catalog-catch-up.js';
import { Catalog } from '../catalog/catalog.js';
import { HISTOGRAM_SUFFIX } from '../catalog/histogram-family.js';
import type { Metric } from '../catalog/metric.js';
import { LiveValues } from '../exposition/live-values.js';
import { decodeCursor, encodeCursor } from './cursor.js';
import type { MetricsQueryDto } from './dto/metrics-query.dto.js';
import { MetricsResponse } from './dto/metrics.response.js';
import { pageSizeOf } from './dto/page-query.dto.js';
import type { SeriesQueryDto } from './dto/series-query.dto.js';
import { SeriesResponse } from './dto/series.response.js';
import { SeriesSelection } from '../selection/series-selection.js';
import { smallest } from './smallest.js';

/** Lists what there is: metrics and series, out of the catalog in memory. */
@Injectable()
export class ListingService {
  constructor(
    private readonly catalog: Catalog,
    private readonly catchUp: CatalogCatchUp,
    private readonly selection: SeriesSelection,
    private readonly liveValues: LiveValues,
  ) {}

  /** Metrics in the order of their names. */
  async findMetrics(query: MetricsQueryDto): Promise<MetricsResponse> {
    await this.catchUp.ofMetrics();
    const { search, cursor } = query;
    const pageSize = pageSizeOf(query);
    const request = ['metrics', search ?? null];
    const [after] = cursor === undefined ? [''] : decodeCursor(request, cursor, ['string'] as const);
    const matching = this.matching(search?.toLowerCase(), after);
    const metrics = smallest(matching, pageSize + 1, (a, b) => (a.name < b.name ? -1 : 1));
    const page = metrics.slice(0, pageSize);
    const nextCursor = metrics.length > page.length ? encodeCursor(request, [page.at(-1)!.name]) : null;
    return MetricsResponse.of(page, (metric) => this.activityOf(metric), nextCursor);
  }

  /** Series of one metric in the order of their ids, which is that of their creation. */
  async findSeries(query: SeriesQueryDto): Promise<SeriesResponse> {
    const { metric, label, cursor } = query;
    const pageSize = pageSizeOf(query);
    const request = ['series', metric, label];
    const [after] = cursor === undefined ? [0] : decodeCursor(request, cursor, ['number'] as const);
    const { series } = await this.selection.select(metric, label);
    const rest = series.filter(({ id }) => id > after);
    const page = rest.slice(0, pageSize);
    const nextCursor = rest.length > page.length ? encodeCursor(request, [page.at(-1)!.id]) : null;
    return SeriesResponse.of(page, this.liveValues, nextCursor);
  }

  private *matching(search: string | undefined, after: string): Generator<Metric> {
    for (const metric of this.catalog.metrics) {
      if (metric.name > after && (search === undefined || metric.name.toLowerCase().includes(search))) yield metric;
    }
  }

  /** Of a histogram, which has no series of its own, that of its counters. */
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
