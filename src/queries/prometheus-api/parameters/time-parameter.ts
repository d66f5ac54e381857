import { abbreviate } from '../../../outside-text/abbreviate.js';
import { parseDecimal } from '../../../outside-text/number.js';
import { parseRfc3339Time } from '../../../outside-text/time.js';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../../scheduling/units-of-time.js';
import { invalidParameter } from '../answers/prometheus.error.js';

/** The largest time that a JavaScript Date can hold: 100 million days after the epoch. */
const MAX_TIME_MS = 8.64e15;

/** Matches a duration with units in the form of Prometheus: each unit at most once, with larger ones first. */
const DURATION = /^(?=\d)(?:(\d+)y)?(?:(\d+)w)?(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m(?!s))?(?:(\d+)s)?(?:(\d+)ms)?$/;
const DURATION_UNITS_MS = [365 * DAY_MS, 7 * DAY_MS, DAY_MS, HOUR_MS, MINUTE_MS, 1_000, 1];

/** Maximum length of a duration. This is enough for seven units, each with more digits than 292 years need. */
const MAX_DURATION_CHARACTERS = 128;

/** The range of Go's time.Duration, about 292 years. */
const MAX_DURATION_MS = 2 ** 63 / 1e6;

/**
 * Reads a time: seconds since the epoch, or RFC 3339.
 *
 * @returns ms since the epoch; undefined if the text is not a time
 */
export function parseTimeMs(text: string): number | undefined {
  const seconds = parseDecimal(text);
  if (seconds !== undefined) {
    const at = Math.round(seconds * 1_000);
    return Math.abs(at) <= MAX_TIME_MS ? at : undefined;
  }
  // Prometheus refuses a time without an offset, or without seconds.
  return parseRfc3339Time(text);
}

/**
 * Reads a duration, which is a number of seconds, or whole numbers with units from the largest to the smallest (`1h30m`).
 *
 * @returns milliseconds; undefined if the text is not a duration
 */
export function parseDurationMs(text: string): number | undefined {
  const seconds = parseDecimal(text);
  if (seconds !== undefined) {
    const milliseconds = Math.round(seconds * 1_000);
    return Math.abs(milliseconds) <= MAX_DURATION_MS ? milliseconds : undefined;
  }
  const match = text.length <= MAX_DURATION_CHARACTERS ? DURATION.exec(text) : null;
  if (match === null) return undefined;
  const total = DURATION_UNITS_MS.reduce((sum, unit, index) => sum + Number(match[index + 1] ?? 0) * unit, 0);
  return total <= MAX_DURATION_MS ? total : undefined;
}

/**
 * Reads a parameter that is a time, in ms since the epoch.
 *
 * @throws PrometheusError
 */
export function timeParameter(name: string, text: string): number {
  const at = parseTimeMs(text);
  if (at === undefined)
    throw invalidParameter(name, `cannot parse ${JSON.stringify(abbreviate(text))} to a valid timestamp`);
  return at;
}

/**
 * Reads a parameter that is a duration, in milliseconds.
 *
 * @throws PrometheusError
 */
export function durationParameter(name: string, text: string): number {
  const milliseconds = parseDurationMs(text);
  if (milliseconds === undefined) {
    throw invalidParameter(name, `cannot parse ${JSON.stringify(abbreviate(text))} to a valid duration`);
  }
  return milliseconds;
}
