import { beginningOf, type CalendarUnit, shift, type WeekStart } from '../calendar/calendar.js';
import type { TimeZone } from '../calendar/time-zone.js';
import { DAY_MS, HOUR_MS } from '../../../scheduling/units-of-time.js';
import type { TimeRange } from '../time-range.js';

/** Time split into buckets that follow each other without gaps. */
export interface Grid {
  /** The boundaries in milliseconds since the epoch: where each bucket begins, and where the last one ends. */
  readonly edges: Float64Array;
  /** The number of buckets. */
  readonly count: number;
  /** The length of each bucket in milliseconds; undefined if buckets can have different lengths. */
  readonly stepMs: number | undefined;
}

/** The calendar that a grid follows. */
export interface CalendarRules {
  readonly zone: TimeZone;
  readonly weekStart: WeekStart;
}

/** Splits a range into buckets of equal length, which begin at multiples of this length since the epoch. */
export function evenGrid({ from, to }: TimeRange, stepMs: number): Grid {
  const count = bucketsIn({ from, to }, stepMs);
  const start = Math.floor(from / stepMs) * stepMs;
  return { edges: Float64Array.from({ length: count + 1 }, (_, index) => start + index * stepMs), count, stepMs };
}

/** Returns the number of buckets of one length that a range touches. */
export function bucketsIn({ from, to }: TimeRange, stepMs: number): number {
  return from === to ? 0 : Math.ceil(to / stepMs) - Math.floor(from / stepMs);
}

/** Splits a range into the days, weeks, months, quarters or years of a time zone. */
export function calendarGrid({ from, to }: TimeRange, unit: CalendarUnit, { zone, weekStart }: CalendarRules): Grid {
  const edges: number[] = [];
  let local = beginningOf(unit, zone.toLocal(from), weekStart);
  for (let time = zone.toUtc(local); from < to; time = zone.toUtc(local)) {
    edges.push(time);
    if (time >= to) break;
    local = shift(unit, local, 1);
  }
  return gridOfEdges(edges);
}

/**
 * Splits each day of a time zone into buckets of a length that divides a day.
 *
 * Buckets of up to an hour are equally long, so a day of 25 hours has 25 buckets of one hour. If the length does not divide such
 * a day, the day's last bucket is shorter. Longer buckets begin when local clocks show a multiple of their length, so a bucket of
 * six hours begins at 06:00 on every day, and is longer or shorter when clocks change.
 */
export function wallClockGrid({ from, to }: TimeRange, stepMs: number, { zone, weekStart }: CalendarRules): Grid {
  const days = calendarGrid({ from, to }, '1d', { zone, weekStart });
  const edges: number[] = [];
  for (let day = 0; day < days.count; day++) {
    const start = days.edges[day]!;
    const end = days.edges[day + 1]!;
    const isPlain = stepMs <= HOUR_MS || end - start === DAY_MS;
    const local = isPlain ? 0 : beginningOf('1d', zone.toLocal(start), weekStart);
    const steps = isPlain ? Math.ceil((end - start) / stepMs) : DAY_MS / stepMs;
    for (let step = 0; step < steps; step++) {
      edges.push(isPlain ? start + step * stepMs : zone.toUtc(local + step * stepMs));
    }
    if (day === days.count - 1) edges.push(end);
  }
  return gridOfEdges(within(edges, from, to));
}

/** Keeps the boundaries of the buckets that a range touches. */
function within(edges: readonly number[], from: number, to: number): number[] {
  const first = edges.findLastIndex((edge) => edge <= from);
  const last = edges.findIndex((edge) => edge >= to);
  return edges.slice(first, last + 1);
}

function gridOfEdges(edges: readonly number[]): Grid {
  // If a time zone has skipped a day, that day begins and ends at the same time. It is left out, because it can't contain a
  // sample.
  const distinct = Float64Array.from(edges.filter((edge, index) => index === 0 || edge > edges[index - 1]!));
  return { edges: distinct, count: Math.max(distinct.length - 1, 0), stepMs: undefined };
}

/** Returns the index of the bucket that contains a time of the range. */
export function bucketOf({ edges, count, stepMs }: Grid, time: number): number {
  if (stepMs !== undefined) return Math.floor((time - edges[0]!) / stepMs);
  let low = 0;
  let high = count - 1;
  while (low < high) {
    const middle = (low + high + 1) >>> 1;
    if (edges[middle]! <= time) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** Returns whether a range leaves out a part of a bucket, or the bucket has not ended yet and its value may still change. */
export function isUnfinished({ edges }: Grid, bucket: number, { from, to }: TimeRange, now: number): boolean {
  return edges[bucket]! < from || edges[bucket + 1]! > Math.min(to, now);
}
