import { Inject, Injectable } from '@nestjs/common';
import { CUSTOM_METRICS_OPTIONS, type CustomMetricsOptions } from '../../../custom-metrics.options.js';
import { DatabaseClock } from '../../../database/database-clock.js';
import { BadDataError } from '../../../http/answers/errors.js';
import { jsonParts } from '../../../http/answers/json-parts.js';
import { startStream } from '../../../http/answers/start-stream.js';
import { abbreviate } from '../../../outside-text/abbreviate.js';
import { queriedLabelName } from '../../../outside-text/escaped-name.js';
import { Turns } from '../../../scheduling/turns.js';
import { countLabels, type LabelCounts } from '../../selection/label-counts.js';
import { SeriesSelection } from '../../selection/series-selection.js';
import { smallest } from '../../selection/smallest.js';
import { pageSizeOf } from '../dto/page-query.dto.js';
import { wordSearch } from '../listing/word-search.js';
import { firstPageOf } from '../page-size.js';
import { rangeFields } from '../range-fields.js';
import { ReadLimiter } from '../read-limiter.js';
import { decodeCursor, encodeCursor } from '../samples/cursor.js';
import { cutRange, resolveRange, type TimeRange } from '../time-range.js';
import { compareRanked, keyOf, type RankedText } from './label-order.js';
import type { LabelsQueryDto, LabelValuesQueryDto } from './labels-query.dto.js';
import type { ListedLabelResponse, ListedValueResponse } from './labels.response.js';
import { SeriesInRange } from './series-in-range.js';

const POSITION_SHAPE = ['number', 'number', 'number', 'string'] as const;

/** A row of a list, with the text that is searched. Rows are ordered by rank, and then by text. */
interface Row<T> {
  readonly text: string;
  readonly rank: number;
  readonly row: T;
}

/** Lists labels and their values with the number of series that have them. */
@Injectable()
export class LabelsService {
  constructor(
    private readonly selection: SeriesSelection,
    private readonly inRange: SeriesInRange,
    private readonly limiter: ReadLimiter,
    private readonly clock: DatabaseClock,
    @Inject(CUSTOM_METRICS_OPTIONS) private readonly options: CustomMetricsOptions,
  ) {}

  /**
   * Finds a page of the labels of some series.
   *
   * @param signal ends the work when the client no longer waits for the answer
   * @returns the JSON of a LabelsResponse
   */
  findLabels(query: LabelsQueryDto, signal?: AbortSignal): Promise<AsyncIterable<string>> {
    return this.answer(query, {
      request: ['labels'],
      listName: 'labels',
      rowsOf: function* (counts): Generator<Row<ListedLabelResponse>> {
        for (const [name, values] of counts) {
          let seriesCount = 0;
          for (const count of values.values()) seriesCount += count;
          yield { text: name, rank: 0, row: { name, seriesCount, valuesCount: values.size } };
        }
      },
      signal,
    });
  }

  /**
   * Finds a page of the values of one label.
   *
   * @param signal ends the work when the client no longer waits for the answer
   * @returns the JSON of a LabelValuesResponse
   */
  findValues(written: string, query: LabelValuesQueryDto, signal?: AbortSignal): Promise<AsyncIterable<string>> {
    const label = queriedLabelName(written, this.options.series.nameValidation);
    if (label === undefined) throw invalidLabel(written);
    return this.answer(query, {
      request: ['values', label, query.order],
      head: { label },
      listName: 'values',
      rowsOf: function* (counts): Generator<Row<ListedValueResponse>> {
        for (const [value, seriesCount] of counts.get(label) ?? []) {
          yield { text: value, rank: query.order === 'series' ? seriesCount : 0, row: { value, seriesCount } };
        }
      },
      signal,
    });
  }

  private answer<T>(query: LabelsQueryDto, list: LabelList<T>): Promise<AsyncIterable<string>> {
    return startStream(this.limiter.whileAdmitted(() => this.page(query, list)));
  }

  private async page<T>(
    query: LabelsQueryDto,
    { request: kind, head, listName, rowsOf, signal }: LabelList<T>,
  ): Promise<AsyncIterable<string>> {
    const { metric, label, search, from, to, cursor } = query;
    const matches = wordSearch(search);
    const request = [...kind, metric ?? null, label, search ?? null, from ?? null, to ?? null];
    const { range, after } = this.placeOf(query, cursor && decodeCursor(request, cursor, POSITION_SHAPE));
    const selected = await this.selection.selectAny(metric, label, signal);
    const series = range === undefined ? selected : await this.inRange.filter(selected, range, signal);
    const counts = await countLabels(series, signal);
    const turns = new Turns();
    const rest: (RankedText & { readonly row: T; readonly length: number })[] = [];
    let total = 0;
    for (const { text, rank, row } of rowsOf(counts)) {
      if (turns.isUp) await turns.give();
      if (!matches(text)) continue;
      total++;
      const ranked = { rank, key: keyOf(text), row, length: text.length };
      if (after === undefined || compareRanked(ranked, after) > 0) rest.push(ranked);
    }
    const pageSize = pageSizeOf(query);
    const found = await smallest(rest, pageSize + 1, compareRanked);
    const page = firstPageOf(found, pageSize, ({ length }) => length);
    const last = page.at(-1);
    const nextCursor =
      found.length > page.length && last !== undefined
        ? encodeCursor(request, [range?.from ?? 0, range?.to ?? 0, last.rank, last.key])
        : null;
    return jsonParts({
      head: { ...head, ...(range && { range: rangeFields(range) }), total },
      listName,
      items: page,
      itemJson: ({ row }) => JSON.stringify(row),
      tail: { nextCursor },
    });
  }

  /**
   * Returns the range and the position to continue after. A cursor contains the range, because "now" must mean the same time on
   * every page.
   */
  private placeOf(
    { from, to }: LabelsQueryDto,
    position: readonly [number, number, number, string] | '' | undefined,
  ): { readonly range: TimeRange | undefined; readonly after: RankedText | undefined } {
    const rules = { now: this.clock.now(), retentionDays: this.options.store.retentionDays };
    const isRanged = from !== undefined || to !== undefined;
    if (position === undefined || position === '') {
      return { range: isRanged ? resolveRange({ from, to }, rules) : undefined, after: undefined };
    }
    const [start, end, rank, key] = position;
    return { range: isRanged ? cutRange({ from: start, to: end }, rules) : undefined, after: { rank, key } };
  }
}

/** Defines how rows are created from counted labels, and how the answer presents them. */
interface LabelList<T> {
  /** The part of the request that identifies the kind of list. It ties cursors to that list. */
  readonly request: readonly unknown[];
  readonly head?: object;
  readonly listName: string;
  readonly rowsOf: (counts: LabelCounts) => Iterable<Row<T>>;
  readonly signal: AbortSignal | undefined;
}

function invalidLabel(label: string): BadDataError {
  return new BadDataError([
    {
      path: '/path/name',
      message:
        `"${abbreviate(label)}" is not a valid label name: it consists of letters, digits and underscores, and does not begin with a ` +
        'digit. GET /api/history/labels lists all labels.',
    },
  ]);
}
