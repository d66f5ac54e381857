import { parseIsoTime } from '../../outside-text/time.js';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../scheduling/units-of-time.js';

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: MINUTE_MS, h: HOUR_MS, d: DAY_MS };
const DURATION = /^(?:\d+(?:ms|[smhd]))+$/;
const DURATION_PART = /(\d+)(ms|[smhd])/gy;

/** Longer than anybody writes a duration or a time. */
const MAX_CHARACTERS = 64;

/**
 * Reads a duration: one or more whole numbers with a unit (`15s`, `1h30m`), or a bare number of seconds (`15`, `0.5`), as
 * Prometheus' API takes both.
 *
 * @returns milliseconds; undefined when the text is no duration
 */
export function parseDurationMs(text: string): number | undefined {
  if (text.length > MAX_CHARACTERS) return undefined;
  if (/^\d+(?:\.\d+)?$/.test(text)) return Math.round(Number(text) * 1_000);
  if (!DURATION.test(text)) return undefined;
  let total = 0;
  for (const [, amount, unit] of text.matchAll(DURATION_PART)) total += Number(amount) * UNIT_MS[unit!]!;
  return total;
}

/** Writes a duration as {@link parseDurationMs} reads it, in the largest unit that leaves a whole number. */
export function formatDuration(milliseconds: number): string {
  const [unit, size] = Object.entries(UNIT_MS)
    .toReversed()
    .find(([, unitMs]) => milliseconds % unitMs === 0) ?? ['ms', 1];
  return `${milliseconds / size}${unit}`;
}

/** For messages: what {@link parseTime} reads. */
export const TIME_FORMS =
  'RFC 3339 (2026-11-24T12:00:00Z), seconds or milliseconds since the epoch, "now", or a distance from now such as -1h';

/** A date and a time to the minute. */
const SHORTEST_BEFORE_OFFSET = 'YYYY-MM-DDTHH:MM'.length;

const EPOCH = /^(\d+)(?:\.\d+)?$/;
const RELATIVE = /^(?:now)?([+\- ])(.+)$/;

/** Epoch numbers of so many digits are milliseconds: 11 digits of seconds end in the year 5138. */
const FIRST_MILLISECOND_DIGITS = 12;

/**
 * Reads a point in time. Without an offset it is UTC, and a date alone is its midnight: the answer must not depend on
 * where the server stands.
 *
 * @param now ms since the epoch, what relative times start from
 * @returns ms since the epoch; undefined when the text is no time
 */
export function parseTime(text: string, now: number): number | undefined {
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
  return parseIsoTime(withPlus(text));
}

/** An offset's `+` arrives as a space when it is not percent-encoded. */
function withPlus(text: string): string {
  const space = text.lastIndexOf(' ');
  return space < SHORTEST_BEFORE_OFFSET ? text : `${text.slice(0, space)}+${text.slice(space + 1)}`;
}
