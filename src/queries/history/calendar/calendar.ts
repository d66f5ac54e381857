import { DAY_MS } from '../../../scheduling/units-of-time.js';
import type { LocalTime } from './time-zone.js';

/** The calendar units. Their lengths in milliseconds vary. */
export const CALENDAR_UNITS = ['1d', '1w', '1mo', '1q', '1y'] as const;

export type CalendarUnit = (typeof CALENDAR_UNITS)[number];

/** The days on which a week can begin, with the number that `Date.getUTCDay` gives them. */
export const WEEK_STARTS = { sunday: 0, monday: 1 } as const;

export type WeekStart = keyof typeof WEEK_STARTS;

const DAYS_PER_WEEK = 7;

const MONTHS: Readonly<Record<Exclude<CalendarUnit, '1d' | '1w'>, number>> = { '1mo': 1, '1q': 3, '1y': 12 };

/**
 * An upper bound on the length of each unit, including clock changes. The length of a range divided by it is a lower bound on the
 * number of units in the range.
 */
export const LONGEST_MS: Readonly<Record<CalendarUnit, number>> = {
  '1d': 2 * DAY_MS,
  '1w': 8 * DAY_MS,
  '1mo': 32 * DAY_MS,
  '1q': 93 * DAY_MS,
  '1y': 367 * DAY_MS,
};

/** Returns the beginning of the day, week, month, quarter or year that contains a local time. */
export function beginningOf(unit: CalendarUnit, local: LocalTime, weekStart: WeekStart): LocalTime {
  const day = Math.floor(local / DAY_MS) * DAY_MS;
  const date = new Date(day);
  switch (unit) {
    case '1d':
      return day;
    case '1w':
      return day - ((date.getUTCDay() - WEEK_STARTS[weekStart] + DAYS_PER_WEEK) % DAYS_PER_WEEK) * DAY_MS;
    case '1mo':
    case '1q':
    case '1y': {
      const months = MONTHS[unit];
      return Date.UTC(date.getUTCFullYear(), Math.floor(date.getUTCMonth() / months) * months);
    }
    default:
      return unit satisfies never;
  }
}

/** Moves a local time by a number of units. If the new month lacks the day, its last day is used, as in Postgres. */
export function shift(unit: CalendarUnit, local: LocalTime, count: number): LocalTime {
  if (unit === '1d') return local + count * DAY_MS;
  if (unit === '1w') return local + count * DAYS_PER_WEEK * DAY_MS;
  const date = new Date(local);
  const month = date.getUTCMonth() + count * MONTHS[unit];
  const lastDay = new Date(Date.UTC(date.getUTCFullYear(), month + 1, 0)).getUTCDate();
  const day = Math.min(date.getUTCDate(), lastDay);
  return Date.UTC(date.getUTCFullYear(), month, day) + (local - Math.floor(local / DAY_MS) * DAY_MS);
}
