import { Inject, Injectable } from '@nestjs/common';
import type { Series } from '../../../catalog/series/series.js';
import { CUSTOM_METRICS_OPTIONS, type CustomMetricsOptions } from '../../../custom-metrics.options.js';
import { DatabaseClock } from '../../../database/database-clock.js';
import { decodeCursor, encodeCursor } from '../samples/cursor.js';
import type { MinuteRowsQueryDto } from '../dto/minute-rows-query.dto.js';
import { MinuteRowResponse } from '../dto/minute-rows.response.js';
import { rangeFields } from '../range-fields.js';
import { pageSizeOf } from '../dto/page-query.dto.js';
import { lastPerMinute, type MinuteRow, minuteOf, totalsPerMinute } from './minute-rows.js';
import { MINUTE_MS } from '../../../scheduling/units-of-time.js';
import { jsonParts } from '../../../http/answers/json-parts.js';
import { PageSize } from '../page-size.js';
import { ReadLimiter } from '../read-limiter.js';
import { SampleScan } from '../sample-scan.js';
import { Turns } from '../../../scheduling/turns.js';
import { startStream } from '../../../http/answers/start-stream.js';
import { SeriesSelection } from '../../selection/series-selection.js';
import { cutRange, resolveRange, type TimeRange } from '../time-range.js';

const SAMPLES_PER_READ = 50_000;

/**
 * Number of places in the read limiter that a page takes. A page examines every series, and 32 concurrent pages took more than
 * 400 MB.
 */
export const ROWS_PLACES = 8;

const POSITION_SHAPE = ['number', 'number', 'number', 'number'] as const;

/** The last row of the previous page. */
interface Position {
  readonly minute: number;
  readonly seriesId: number;
}

/** Lists the rows of Unleash's admin API: the value of each series at the end of each minute in which it was pushed. */
@Injectable()
export class MinuteRowsService {
  constructor(
    private readonly selection: SeriesSelection,
    private readonly scan: SampleScan,
    private readonly limiter: ReadLimiter,
    private readonly clock: DatabaseClock,
    @Inject(CUSTOM_METRICS_OPTIONS) private readonly options: CustomMetricsOptions,
  ) {}

  /**
   * Finds a page of rows.
   *
   * @param signal ends the work when the client no longer waits for the answer
   * @returns the JSON of a MinuteRowsResponse
   */
  findPage(query: MinuteRowsQueryDto, signal?: AbortSignal): Promise<AsyncIterable<string>> {
    return startStream(this.limiter.whileAdmitted(() => this.rowsPage(query, signal), ROWS_PLACES));
  }

  private async rowsPage(query: MinuteRowsQueryDto, signal: AbortSignal | undefined): Promise<AsyncIterable<string>> {
    const request = ['minutes', query.from ?? null, query.to ?? null];
    const rules = { now: this.clock.now(), retentionDays: this.options.store.retentionDays };
    let range: TimeRange;
    let after: Position | undefined;
    if (query.cursor === undefined) {
      range = wholeMinutes(resolveRange(query, rules));
    } else {
      const [from, to, minute, seriesId] = decodeCursor(request, query.cursor, POSITION_SHAPE);
      range = wholeMinutes(cutRange({ from, to }, rules));
      after = { minute, seriesId };
    }
    const { page, hasMore } = await this.find(range, after, new PageSize(pageSizeOf(query)), signal);
    const last = page.at(-1);
    const nextCursor =
      hasMore && last !== undefined
        ? encodeCursor(request, [range.from, range.to, last.minute, last.series.id])
        : undefined;
    return jsonParts({
      listName: 'metrics',
      items: await this.withTotals(page, signal),
      itemJson: (row) => JSON.stringify(MinuteRowResponse.of(row)),
      tail: {
        count: page.length,
        metricNames: [...new Set(page.map(({ series }) => series.metric.name))],
        nextCursor,
        ...rangeFields(range),
      },
    });
  }

  /** Finds rows in the order of minutes, then of series ids. Each row has the last value that was pushed in its minute. */
  private async find(
    { from, to }: TimeRange,
    after: Position | undefined,
    size: PageSize,
    signal: AbortSignal | undefined,
  ): Promise<{ page: MinuteRow[]; hasMore: boolean }> {
    const windows = this.scan.windows({
      series: await this.selection.all(signal),
      from: after === undefined ? from : Math.max(from, after.minute),
      to,
      samplesPerRead: SAMPLES_PER_READ,
      isLimited: false,
      signal,
    });
    const page: MinuteRow[] = [];
    const turns = new Turns();
    for await (const row of lastPerMinute(windows)) {
      if (after !== undefined && row.minute === after.minute && row.series.id <= after.seriesId) continue;
      const { labelsText, metric } = row.series;
      if (!size.takes(labelsText.length + metric.name.length)) return { page, hasMore: true };
      page.push(row);
      if (turns.isUp) await turns.give();
    }
    return { page, hasMore: false };
  }

  /**
   * Replaces the value of each row of a delta series, which is the last delta, with the running total. A total needs all older
   * samples, so it is computed only for the series on the page.
   */
  private async withTotals(page: readonly MinuteRow[], signal: AbortSignal | undefined): Promise<MinuteRow[]> {
    const counters = [...new Set(page.map(({ series }) => series).filter(({ kind }) => kind === 'delta'))];
    if (counters.length === 0) return [...page];
    const windows = this.scan.windows({
      series: counters.toSorted(byId),
      from: page[0]!.minute,
      to: page.at(-1)!.minute + MINUTE_MS,
      needsBefore: true,
      samplesPerRead: SAMPLES_PER_READ,
      isLimited: false,
      signal,
    });
    const totals = await totalsPerMinute(windows);
    return page.map((row) => ({ ...row, value: totals.get(row.series)?.get(row.minute) ?? row.value }));
  }
}

/** Extends a range to whole minutes, because a value in the middle of a minute can differ from the value at its end. */
function wholeMinutes(range: TimeRange): TimeRange {
  return { ...range, from: minuteOf(range.from), to: minuteOf(range.to + MINUTE_MS - 1) };
}

function byId(a: Series, b: Series): number {
  return a.id - b.id;
}
