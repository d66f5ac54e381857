import { BadDataError } from '../../http/answers/errors.js';
import { FUTURE_TOLERANCE_MS } from '../../database/future-tolerance.js';
import { parseTime, TIME_FORMS } from './time.js';
import { DAY_MS, HOUR_MS } from '../../scheduling/units-of-time.js';

const DEFAULT_SPAN_MS = HOUR_MS;

/** A half-open range of time, ms since the epoch, in which samples can be. */
export interface TimeRange {
  /** Inclusive. */
  readonly from: number;
  /** Exclusive; not before `from`. */
  readonly to: number;
  /** Why the range is smaller than the requested one. */
  readonly cutBecause?: string;
}

/** The range that a request asks for. */
export interface RangeRequest {
  readonly from?: string;
  readonly to?: string;
}

/** The limits that apply to ranges. */
export interface RangeRules {
  /** ms since the epoch, by the database's clock. */
  readonly now: number;
  readonly retentionDays: number;
}

/**
 * Resolves the range of a request; the default is the last hour. `to` is exclusive, so "until now" ends one millisecond after
 * now, and a sample that was acknowledged a moment ago is included.
 *
 * @throws BadDataError
 */
export function resolveRange(request: RangeRequest, rules: RangeRules): TimeRange {
  const to = request.to === undefined ? rules.now + 1 : readTime('to', request.to, rules.now);
  const from = request.from === undefined ? to - DEFAULT_SPAN_MS : readTime('from', request.from, rules.now);
  if (from >= to) {
    throw new BadDataError([
      {
        path: '/query/from',
        message: `The \`/query/from\` property must be before \`to\`: ${describe(from)} is not before ${describe(to)}.`,
      },
    ]);
  }
  return cutRange({ from, to }, rules);
}

/**
 * Cuts a range to the time in which samples can be, so that no request can ask for endless empty time. Both ends are cut, so a
 * Date and Postgres can hold them whatever the request asked for.
 */
export function cutRange({ from, to }: { from: number; to: number }, { now, retentionDays }: RangeRules): TimeRange {
  const earliest = now - (retentionDays + 1) * DAY_MS;
  const latest = now + FUTURE_TOLERANCE_MS + 1;
  const reasons: string[] = [];
  if (from < earliest) {
    reasons.push(
      `Samples are kept for ${retentionDays} days (RETENTION_DAYS): the range begins at ${describe(earliest)}.`,
    );
  }
  if (to > latest) reasons.push(`The range ends at ${describe(latest)}: no sample is further ahead.`);
  const cutFrom = Math.min(Math.max(from, earliest), latest);
  return {
    from: cutFrom,
    to: Math.max(Math.min(to, latest), cutFrom),
    ...(reasons.length > 0 && { cutBecause: reasons.join(' ') }),
  };
}

function readTime(property: 'from' | 'to', text: string, now: number): number {
  const time = parseTime(text, now);
  if (time !== undefined) return time;
  throw new BadDataError([
    {
      path: `/query/${property}`,
      message: `The \`/query/${property}\` property must be a time: ${TIME_FORMS}.`,
    },
  ]);
}

/** Writes a time for a message; a time that no Date can hold is written as a number. */
function describe(time: number): string {
  const date = new Date(time);
  return Number.isNaN(date.getTime()) ? String(time) : date.toISOString();
}
