import { Injectable } from '@nestjs/common';
import { labelsFromText } from '../../../catalog/series/label-set.js';
import type { Series } from '../../../catalog/series/series.js';
import { jsonNumberOf } from '../../../http/answers/json-number.js';
import { LiveValues } from '../../../live-values/live-values.js';
import { decodeCursor, encodeCursor } from '../samples/cursor.js';
import { pageSizeOf } from '../dto/page-query.dto.js';
import type { SeriesQueryDto } from '../dto/series-query.dto.js';
import type { ListedSeriesResponse } from '../dto/series.response.js';
import { SeriesSelection } from '../../selection/series-selection.js';
import { jsonParts } from '../../../http/answers/json-parts.js';
import { firstPageOf } from '../page-size.js';
import { ReadLimiter } from '../read-limiter.js';
import { startStream } from '../../../http/answers/start-stream.js';

/** Lists the series of a metric from the catalog in memory. */
@Injectable()
export class SeriesListingService {
  constructor(
    private readonly selection: SeriesSelection,
    private readonly liveValues: LiveValues,
    private readonly limiter: ReadLimiter,
  ) {}

  /**
   * Lists the series of one metric in the order of their ids, which is the order of their creation.
   *
   * @param signal ends the work when the client no longer waits for the answer
   * @returns the JSON of a SeriesResponse
   */
  findSeries(query: SeriesQueryDto, signal?: AbortSignal): Promise<AsyncIterable<string>> {
    return startStream(this.limiter.whileAdmitted(() => this.seriesPage(query, signal)));
  }

  private async seriesPage(query: SeriesQueryDto, signal: AbortSignal | undefined): Promise<AsyncIterable<string>> {
    const { metric, label, cursor } = query;
    const request = ['series', metric, label];
    const [after] = cursor === undefined ? [0] : decodeCursor(request, cursor, ['number'] as const);
    const { series } = await this.selection.select(metric, label, signal);
    const rest = series.filter(({ id }) => id > after);
    const page = firstPageOf(rest, pageSizeOf(query), ({ labelsText }) => labelsText.length);
    const nextCursor = rest.length > page.length ? encodeCursor(request, [page.at(-1)!.id]) : null;
    return jsonParts({
      listName: 'series',
      items: page,
      itemJson: (each) => JSON.stringify(listedSeriesOf(each, this.liveValues)),
      tail: { nextCursor },
    });
  }
}

function listedSeriesOf(series: Series, liveValues: LiveValues): ListedSeriesResponse {
  const pushedAt = liveValues.pushedAtOf(series);
  return {
    id: series.id,
    metric: series.metric.name,
    labels: labelsFromText(series.labelsText),
    temporality: series.kind === 'gauge' ? null : series.kind,
    createdAt: series.createdAt.toISOString(),
    lastPushAt: pushedAt > 0 ? new Date(pushedAt).toISOString() : null,
    value: liveValues.has(series) ? jsonNumberOf(liveValues.valueOf(series)) : null,
  };
}
