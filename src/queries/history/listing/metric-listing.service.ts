import { Injectable } from '@nestjs/common';
import { CatalogRefresh } from '../../../catalog/catalog-refresh.js';
import { Catalog } from '../../../catalog/catalog.js';
import { HISTOGRAM_SUFFIX, histogramOf } from '../../../catalog/metric/histogram-family.js';
import type { Metric } from '../../../catalog/series/series.js';
import { jsonParts } from '../../../http/answers/json-parts.js';
import { startStream } from '../../../http/answers/start-stream.js';
import { LiveValues } from '../../../live-values/live-values.js';
import { Turns } from '../../../scheduling/turns.js';
import { smallest } from '../../selection/smallest.js';
import type { MetricsQueryDto } from '../dto/metrics-query.dto.js';
import type { ListedMetricResponse } from '../dto/metrics.response.js';
import { pageSizeOf } from '../dto/page-query.dto.js';
import { firstPageOf } from '../page-size.js';
import { ReadLimiter } from '../read-limiter.js';
import { decodeCursor, encodeCursor } from '../samples/cursor.js';
import { type Activity, comparePositions, type MetricPosition, rankOf, type RankedMetric } from './metric-order.js';
import { wordSearch } from './word-search.js';

const POSITION_SHAPE = ['number', 'string'] as const;

/** Lists metrics from the catalog in memory. */
@Injectable()
export class MetricListingService {
  constructor(
    private readonly catalog: Catalog,
    private readonly refresh: CatalogRefresh,
    private readonly liveValues: LiveValues,
    private readonly limiter: ReadLimiter,
  ) {}

  /**
   * Finds a page of metrics.
   *
   * @param signal ends the work when the client no longer waits for the answer
   * @returns the JSON of a MetricsResponse
   */
  findMetrics(query: MetricsQueryDto, signal?: AbortSignal): Promise<AsyncIterable<string>> {
    return startStream(this.limiter.whileAdmitted(() => this.metricsPage(query, signal)));
  }

  private async metricsPage(query: MetricsQueryDto, signal: AbortSignal | undefined): Promise<AsyncIterable<string>> {
    await this.refresh.ofMetrics();
    const { search, type, order, families, cursor } = query;
    const request = ['metrics', search ?? null, type ?? null, order, families];
    const after = cursor === undefined ? undefined : positionOf(decodeCursor(request, cursor, POSITION_SHAPE));
    const pageSize = pageSizeOf(query);
    const { total, rest } = await this.matching(query, after, signal);
    const found = await smallest(rest, pageSize + 1, comparePositions);
    const page = firstPageOf(
      found,
      pageSize,
      ({ metric: { name, help, unit } }) => name.length + (help?.length ?? 0) + (unit?.length ?? 0),
    );
    const rows: ListedMetricResponse[] = [];
    const turns = new Turns();
    for (const { metric } of page) rows.push(listedMetricOf(metric, await this.activityOf(metric, turns)));
    const last = page.at(-1);
    const nextCursor =
      found.length > page.length && last !== undefined ? encodeCursor(request, [last.rank, last.name]) : null;
    return jsonParts({
      head: { total },
      listName: 'metrics',
      items: rows,
      itemJson: (row) => JSON.stringify(row),
      tail: { nextCursor },
    });
  }

  /** Returns the total number of matching metrics, and the matching metrics after a position. */
  private async matching(
    { search, type, order, families }: MetricsQueryDto,
    after: MetricPosition | undefined,
    signal: AbortSignal | undefined,
  ): Promise<{ readonly total: number; readonly rest: RankedMetric[] }> {
    const matches = wordSearch(search);
    const turns = new Turns();
    const rest: RankedMetric[] = [];
    let total = 0;
    for (const metric of this.catalog.metrics) {
      if (turns.isUp) {
        await turns.give();
        signal?.throwIfAborted();
      }
      if (type !== undefined && metric.type !== type) continue;
      if (!matches(metric.name, metric.help)) continue;
      if (families && histogramOf(metric.name, this.catalog) !== undefined) continue;
      total++;
      const rank = order === 'name' ? 0 : rankOf(order, await this.activityOf(metric, turns));
      const ranked = { metric, name: metric.name, rank };
      if (after === undefined || comparePositions(ranked, after) > 0) rest.push(ranked);
    }
    return { total, rest };
  }

  /**
   * Returns the number of series and the time of the last push. A histogram has no series of its own, so those of its counters
   * are counted.
   */
  private async activityOf(metric: Metric, turns: Turns): Promise<Activity> {
    const holders =
      metric.type === 'histogram'
        ? Object.values(HISTOGRAM_SUFFIX).map((suffix) => this.catalog.findMetric(metric.name + suffix))
        : [metric];
    let seriesCount = 0;
    let lastPushAt: number | null = null;
    for (const holder of holders) {
      for (const series of holder?.series.values() ?? []) {
        if (++seriesCount % SERIES_PER_TURN === 0) await turns.give();
        const pushedAt = this.liveValues.pushedAtOf(series);
        if (pushedAt > (lastPushAt ?? 0)) lastPushAt = pushedAt;
      }
    }
    return { seriesCount, lastPushAt };
  }
}

/** Number of series between two checks of the clock. */
const SERIES_PER_TURN = 1_024;

function positionOf([rank, name]: readonly [number, string]): MetricPosition {
  return { rank, name };
}

function listedMetricOf(metric: Metric, { seriesCount, lastPushAt }: Activity): ListedMetricResponse {
  const { name, type, temporality, help, unit } = metric;
  return {
    name,
    type,
    temporality,
    help,
    unit,
    seriesCount,
    lastPushAt: lastPushAt === null ? null : new Date(lastPushAt).toISOString(),
  };
}
