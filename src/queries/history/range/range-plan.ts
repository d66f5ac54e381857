import type { CustomMetricsOptions } from '../../../custom-metrics.options.js';
import { BadDataError } from '../../../http/answers/errors.js';
import type { SelectedSeries } from '../../selection/series-selection.js';
import { type Aggregate, checkAggregate, defaultAggregate } from '../aggregates/aggregate.js';
import { TimeZone } from '../calendar/time-zone.js';
import { readTimeZone } from '../calendar/read-time-zone.js';
import type { RangeQueryDto } from '../dto/range-query.dto.js';
import { resolveRange, type TimeRange } from '../time-range.js';
import { comparedRange } from './compared-range.js';
import type { Grid } from './grid.js';
import { gridOf, readStep, type RequestCalendar, type Step } from './step.js';

/** Maximum number of bits that `distinct` can use for counting: 32 MB. */
const MAX_DISTINCT_BITS = 256 * 1024 ** 2;

/** A range and its buckets. */
export interface Span {
  readonly range: TimeRange;
  readonly grid: Grid;
}

/** The validated form of a request for points. */
export interface RangePlan extends Span {
  readonly aggregates: readonly Aggregate[];
  readonly step: Step;
  readonly calendar: RequestCalendar;
  /** The earlier range to compare with, if the request asks for one. */
  readonly compared: Span | undefined;
  /** Milliseconds since the epoch, by the database's clock. */
  readonly now: number;
}

/**
 * Checks a request, and splits its range into buckets.
 *
 * @param now milliseconds since the epoch, by the database's clock
 * @throws BadDataError
 */
export function planRange(
  request: RangeQueryDto,
  { metric, series }: SelectedSeries,
  now: number,
  { store, history }: CustomMetricsOptions,
): RangePlan {
  const aggregates = aggregatesOf(request, metric);
  const zone = request.tz === undefined ? undefined : readTimeZone(request.tz);
  const calendar = { zone: zone ?? TimeZone.utc(), weekStart: request.weekStart, isZoned: zone !== undefined };
  const rules = { now, retentionDays: store.retentionDays, zone };
  const range = resolveRange(request, rules);
  const step = readStep(request.step, range, calendar, history.maxPoints);
  const grid = gridOf(range, step, calendar, history.maxPoints);
  const { compare } = request;
  const before = compare && comparedRange(range, compare, { grid, step, calendar, rules });
  const compared = before && { range: before, grid: gridOf(before, step, calendar, history.maxPoints) };
  if (aggregates.includes('distinct') && grid.count * series.length > MAX_DISTINCT_BITS) {
    throw new BadDataError([
      {
        path: '/query/step',
        message:
          `Counting the values of a label among ${series.length} series in ${grid.count} buckets takes too much memory. ` +
          'Use a longer step, or choose fewer series with label=name=value.',
      },
    ]);
  }
  return { aggregates, step, calendar, range, grid, compared, now };
}

function aggregatesOf(request: RangeQueryDto, { name, type }: SelectedSeries['metric']): readonly Aggregate[] {
  const aggregates = request.aggregate?.length ? [...new Set(request.aggregate)] : [defaultAggregate(type)];
  for (const aggregate of aggregates) checkAggregate(aggregate, name, type);
  if (aggregates.includes('distinct') !== (request.distinctLabel !== undefined)) {
    throw new BadDataError([
      {
        path: '/query/distinctLabel',
        message:
          'The aggregate `distinct` counts the values of the label that the `/query/distinctLabel` property names, such as ' +
          'aggregate=distinct&distinctLabel=user. A request needs both or neither.',
      },
    ]);
  }
  return aggregates;
}

/**
 * Checks that an answer is not too large.
 *
 * @param lines the number of lines of the answer
 * @param maxPoints maximum number of points of all lines together
 * @throws BadDataError
 */
export function checkSize(lines: number, { grid, compared, aggregates }: RangePlan, maxPoints: number): void {
  const pointsOfLine = (grid.count + (compared?.grid.count ?? 0)) * aggregates.length;
  if (lines * pointsOfLine <= maxPoints) return;
  throw new BadDataError([
    {
      path: '/query/groupBy',
      message:
        `${lines} groups of ${pointsOfLine} points are more than the ${maxPoints} points an answer can have (HISTORY_MAX_ANSWER_POINTS). ` +
        'Group by fewer labels, select series with label=name=value, keep the largest groups with lines=20, or use a longer step.',
    },
  ]);
}
