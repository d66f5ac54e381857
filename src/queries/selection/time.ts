import { parseIsoTime } from '../../outside-text/time.js';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../scheduling/units-of-time.js';

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: MINUTE_MS, h: HOUR_MS, d: DAY_MS };
const DURATION = /^(?:\d+(?:ms|[smhd]))+$/;
const DURATION_PART = /(\d+)(ms|[smhd])/gy;

/** Maximum length of a time or duration, which is longer than any that people write. */
const MAX_CHARACTERS = 64;

/** Converts local times of a time zone to UTC. */
interface LocalTimes {
  /** @param local a date and a time without a zone, as if they were UTC, in milliseconds since the epoch */
  toUtc(local: number): number;
}

/**
 * Reads a duration: one or more whole numbers with a unit (`15s`, `1h30m`), or a number of seconds without a unit (`15`, `0.5`).
 * Prometheus' API accepts both forms.
 *
 * @returns milliseconds; undefined if the text is not a duration
 */
export function parseDurationMs(text: string): number | undefined {
  if (text.length > MAX_CHARACTERS) return undefined;
  if (/^\d+(?:\.\d+)?$/.test(text)) return Math.round(Number(text) * 1_000);
  if (!DURATION.test(text)) return undefined;
  let total = 0;
  for (const [, amount, unit] of text.matchAll(DURATION_PART)) total += Number(amount) * UNIT_MS[unit!]!;
  return total;
}

/** Formats a duration in the form that {@link parseDurationMs} reads, in the largest unit that gives a whole number. */
export function formatDuration(milliseconds: number): string {
  const [unit, size] = Object.entries(UNIT_MS)
    .toReversed()
    .find(([, unitMs]) => milliseconds % unitMs === 0) ?? ['ms', 1];
  return `${milliseconds / size}${unit}`;
}

/** Describes the forms that {@link parseTime} reads, for messages. */
export const TIME_FORMS =
  'RFC 3339 (2026-11-24T12:00:00Z), seconds or milliseconds since the epoch, "now", or an offset from now such as -1h';

/** The length of the shortest date and time that an offset can follow. */
const SHORTEST_BEFORE_OFFSET = 'YYYY-MM-DDTHH:MM'.length;

const EPOCH = /^(\d+)(?:\.\d+)?$/;
const RELATIVE = /^(?:now)?([+\- ])(.+)$/;

/** Minimum number of digits of an epoch number in milliseconds. Seconds with 11 digits reach the year 5138. */
const FIRST_MILLISECOND_DIGITS = 12;

/**
 * Reads a point in time. A time without an offset is taken to be in `zone`, by default in UTC, and a date without a time means
 * midnight in that zone. The result never depends on the server's time zone.
 *
 * @param now ms since the epoch; relative times start from it
 * @param zone the time zone of times without an offset; UTC if absent
 * @returns ms since the epoch; undefined if the text is not a time
 */
export function parseTime(text: string, now: number, zone?: LocalTimes): number | undefined {
  if (text.length > MAX_CHARACTERS) return undefined;
  if (text === 'now') return now;
  const epoch = EPOCH.exec(text);
  if (epoch) return Math.round(Number(text) * (epoch[1]!.length < FIRST_MILLISECOND_DIGITS ? 1_000 : 1));
  const relative = RELATIVE.exec(text);
  if (relative) {
    const distance = parseDurationMs(relative[2]!);
    if (distance === undefined) return undefined;
    return relative[1] === '-' ? now - distance : now + distance;
  }
  return parseIsoTime(withPlus(text), zone && ((local) => zone.toUtc(local)));
}

/** Restores the `+` of an offset, which arrives as a space when it is not percent-encoded. */
function withPlus(text: string): string {
  const space = text.lastIndexOf(' ');
  return space < SHORTEST_BEFORE_OFFSET ? text : `${text.slice(0, space)}+${text.slice(space + 1)}`;
}
