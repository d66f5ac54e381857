import { DAY_MS, HOUR_MS } from '../../../scheduling/units-of-time.js';
import { type CalendarUnit, shift } from '../calendar/calendar.js';
import { cutRange, type RangeRules, type TimeRange } from '../time-range.js';
import type { Grid } from './grid.js';
import type { RequestCalendar, Step } from './step.js';

/** The earlier ranges that a request can compare its range with. */
export const COMPARISONS = ['previous', '1d', '1w', '1mo', '1q', '1y'] as const;

export type Comparison = (typeof COMPARISONS)[number];

/**
 * Returns an earlier range to compare a range with: the one directly before it, or the range moved back by a calendar unit.
 *
 * The range before a calendar range has the same number of units. October comes before November, although it is a day longer, and
 * the first ten days of November are compared with the first ten days of October. If the request has a time zone, the range
 * before a number of whole days has the same number of days, even if one of them has 23 or 25 hours.
 */
export function comparedRange(
  { from, to }: TimeRange,
  comparison: Comparison,
  {
    grid,
    step,
    calendar,
    rules,
  }: {
    readonly grid: Grid;
    readonly step: Step;
    readonly calendar: RequestCalendar;
    readonly rules: RangeRules;
  },
): TimeRange {
  const [unit, count] = comparison === 'previous' ? previousOf({ from, to }, grid, step, calendar) : [comparison, 1];
  const earlier =
    unit === undefined
      ? (time: number) => time - count
      : (time: number) => calendar.zone.toUtc(shift(unit, calendar.zone.toLocal(time), -count));
  return cutRange({ from: earlier(from), to: earlier(to) }, rules);
}

/** @returns the distance to the previous range: a number of units, or of milliseconds if the unit is undefined */
function previousOf(
  { from, to }: TimeRange,
  grid: Grid,
  step: Step,
  { isZoned }: RequestCalendar,
): readonly [CalendarUnit | undefined, number] {
  if ('unit' in step && grid.edges[0] === from) return [step.unit, grid.count];
  const days = Math.round((to - from) / DAY_MS);
  const isWholeDays = days > 0 && Math.abs(to - from - days * DAY_MS) <= HOUR_MS + 1;
  return isZoned && isWholeDays ? ['1d', days] : [undefined, to - from];
}
