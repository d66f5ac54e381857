import { BadDataError } from '../../../http/answers/errors.js';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../../scheduling/units-of-time.js';
import { CALENDAR_UNITS, type CalendarUnit, LONGEST_MS } from '../calendar/calendar.js';
import { formatDuration, parseDurationMs } from '../../selection/time.js';
import type { TimeRange } from '../time-range.js';
import { bucketsIn, calendarGrid, type CalendarRules, evenGrid, type Grid, wallClockGrid } from './grid.js';

/** Round step lengths; each divides a day, so buckets begin at the same times every day. */
const NICE_STEPS = [
  ...[1, 5, 10, 15, 30].map((seconds) => seconds * 1_000),
  ...[1, 2, 5, 10, 15, 30].map((minutes) => minutes * MINUTE_MS),
  ...[1, 2, 3, 6, 12].map((hours) => hours * HOUR_MS),
  DAY_MS,
];

/** The approximate number of points if the request has no step, which suits a chart of usual width. */
const DEFAULT_POINTS = 200;

/** The length of the buckets into which time is split: a number of milliseconds, or a calendar unit. */
export type Step = { readonly ms: number } | { readonly unit: CalendarUnit };

/** The calendar of a request. */
export interface RequestCalendar extends CalendarRules {
  /** True if the request names a time zone. Otherwise the zone is UTC, and only units longer than a day follow the calendar. */
  readonly isZoned: boolean;
}

/**
 * Reads the step of a request.
 *
 * @param text the requested step; if absent, one that gives about 200 points is chosen
 * @throws BadDataError
 */
export function readStep(
  text: string | undefined,
  range: TimeRange,
  { isZoned }: RequestCalendar,
  maxPoints: number,
): Step {
  if (text === undefined) return chooseStep(range, isZoned, maxPoints);
  const unit = CALENDAR_UNITS.find((each) => each === text);
  if (unit !== undefined && unit !== '1d') return { unit };
  const ms = parseDurationMs(text);
  if (ms === undefined || ms <= 0 || !Number.isSafeInteger(ms)) {
    throw unfit('must be a duration above 0: 15s, 5m, 1h, 1d, 1w, 1mo, 1q, 1y, or a number of seconds');
  }
  if (!isZoned) return { ms };
  if (ms === DAY_MS) return { unit: '1d' };
  if (DAY_MS % ms === 0) return { ms };
  throw unfit('must divide a day, or be 1d, 1w, 1mo, 1q or 1y, because the request has a time zone (tz)');
}

/** Formats a step as a request writes it, such as `5m` or `1mo`. */
export function textOf(step: Step): string {
  return 'unit' in step ? step.unit : formatDuration(step.ms);
}

/**
 * Splits a range into buckets.
 *
 * @throws BadDataError when there would be more than `maxPoints` buckets
 */
export function gridOf(range: TimeRange, step: Step, calendar: RequestCalendar, maxPoints: number): Grid {
  // A grid that is far too long is refused before it is built.
  const least = Math.floor((range.to - range.from) / ('unit' in step ? LONGEST_MS[step.unit] : step.ms));
  const grid = least > maxPoints ? undefined : split(range, step, calendar);
  if (grid !== undefined && grid.count <= maxPoints) return grid;
  const fitting = textOf(chooseStep(range, calendar.isZoned, maxPoints));
  throw new BadDataError([
    {
      path: '/query/step',
      message:
        `A step of ${textOf(step)} gives ${grid?.count ?? least} points, the limit (HISTORY_MAX_POINTS) is ${maxPoints}. ` +
        `Use step=${fitting} or longer, a shorter range, or raise the limit.`,
    },
  ]);
}

function split(range: TimeRange, step: Step, calendar: RequestCalendar): Grid {
  if ('unit' in step) return calendarGrid(range, step.unit, calendar);
  return calendar.isZoned ? wallClockGrid(range, step.ms, calendar) : evenGrid(range, step.ms);
}

/** Returns the round step that comes nearest to {@link DEFAULT_POINTS} without exceeding the limit. */
export function chooseStep(range: TimeRange, isZoned: boolean, maxPoints: number): Step {
  const ideal = (range.to - range.from) / DEFAULT_POINTS;
  const distance = (step: number) => Math.abs(Math.log(step / Math.max(ideal, 1)));
  // A day on which clocks change can have an extra hour, and a range can begin and end within a bucket.
  const spare = isZoned ? 3 : 0;
  const fitting = NICE_STEPS.filter((step) => bucketsIn(range, step) + spare <= maxPoints);
  if (fitting.length > 0) {
    const ms = fitting.reduce((best, step) => (distance(step) < distance(best) ? step : best));
    return isZoned && ms === DAY_MS ? { unit: '1d' } : { ms };
  }
  if (isZoned) {
    const days = (range.to - range.from) / DAY_MS;
    return { unit: days / 6 + spare <= maxPoints ? '1w' : days / 28 + spare <= maxPoints ? '1mo' : '1y' };
  }
  // A step longer than a day is a number of whole days. A range can overlap one bucket more than its length alone would require.
  return { ms: Math.ceil((range.to - range.from) / DAY_MS / Math.max(maxPoints - 1, 1)) * DAY_MS };
}

function unfit(reason: string): BadDataError {
  return new BadDataError([{ path: '/query/step', message: `The \`/query/step\` property ${reason}.` }]);
}
