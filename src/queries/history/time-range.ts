import { BadDataError } from '../../http/answers/errors.js';
import { sampleTimes } from '../selection/sample-times.js';
import { parseTime, TIME_FORMS } from '../selection/time.js';
import type { TimeZone } from './calendar/time-zone.js';
import { HOUR_MS } from '../../scheduling/units-of-time.js';

const DEFAULT_SPAN_MS = HOUR_MS;

/** A half-open time range in ms since the epoch, limited to times that samples can have. */
export interface TimeRange {
  /** The start, inclusive. */
  readonly from: number;
  /** The end, exclusive. It is not before `from`. */
  readonly to: number;
  /** The reason why the range is smaller than the requested one. */
  readonly cutBecause?: string;
}

/** The range of a request, as its client wrote it. */
export interface RangeRequest {
  readonly from?: string;
  readonly to?: string;
}

/** The limits that apply to ranges. */
export interface RangeRules {
  /** The current time in ms since the epoch, by the database's clock. */
  readonly now: number;
  readonly retentionDays: number;
  /** The time zone of times without an offset, if it is not UTC. */
  readonly zone?: TimeZone;
  /** The part of the request that the times come from, for messages; `query` by default. */
  readonly place?: 'query' | 'body';
}

/**
 * Resolves the range of a request. By default, it ends now and begins an hour before its end. Without `to`, which is exclusive,
 * the range ends one millisecond after now, to include a sample that was acknowledged a moment ago.
 *
 * @throws BadDataError
 */
export function resolveRange(request: RangeRequest, rules: RangeRules): TimeRange {
  const to = request.to === undefined ? rules.now + 1 : readTime('to', request.to, rules);
  const from = request.from === undefined ? to - DEFAULT_SPAN_MS : readTime('from', request.from, rules);
  if (from >= to) {
    throw new BadDataError([
      {
        path: `/${rules.place ?? 'query'}/from`,
        message: `The \`/${rules.place ?? 'query'}/from\` property must be before \`to\`: ${describe(from)} is not before ${describe(to)}.`,
      },
    ]);
  }
  return cutRange({ from, to }, rules);
}

/**
 * Limits a range to the times that samples can have, so that no request can ask for an endless empty range. Both ends are
 * limited, so that a Date and Postgres can hold them.
 */
export function cutRange({ from, to }: { from: number; to: number }, { now, retentionDays }: RangeRules): TimeRange {
  const times = sampleTimes(now, retentionDays);
  const { earliest } = times;
  const latest = times.latest + 1;
  const reasons: string[] = [];
  if (from < earliest) {
    reasons.push(
      `Samples are kept for ${retentionDays} days (RETENTION_DAYS): the range begins at ${describe(earliest)}.`,
    );
  }
  if (to > latest) reasons.push(`The range ends at ${describe(latest)}, because no sample can be further ahead.`);
  const cutFrom = Math.min(Math.max(from, earliest), latest);
  return {
    from: cutFrom,
    to: Math.max(Math.min(to, latest), cutFrom),
    ...(reasons.length > 0 && { cutBecause: reasons.join(' ') }),
  };
}

/** Returns the period before a range, which is as long as the range unless retention has dropped a part of it. */
export function periodBefore({ from, to }: TimeRange, rules: RangeRules): TimeRange {
  return cutRange({ from: from - (to - from), to: from }, rules);
}

function readTime(property: 'from' | 'to', text: string, { now, zone, place = 'query' }: RangeRules): number {
  const time = parseTime(text, now, zone);
  if (time !== undefined) return time;
  throw new BadDataError([
    {
      path: `/${place}/${property}`,
      message: `The \`/${place}/${property}\` property must be a time: ${TIME_FORMS}.`,
    },
  ]);
}

/** Formats a time for a message. A time that no Date can hold is written as a number. */
function describe(time: number): string {
  const date = new Date(time);
  return Number.isNaN(date.getTime()) ? String(time) : date.toISOString();
}
