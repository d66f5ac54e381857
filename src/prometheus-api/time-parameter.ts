import { invalidParameter } from './prometheus.error.js';

const DECIMAL = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;
const RFC_3339 = /^(\d{4})-(\d{2})-(\d{2})[Tt](\d{2}):(\d{2}):(\d{2})(?:\.(\d+))?(?:[Zz]|([+-])(\d{2}):(\d{2}))$/;

/** The times that a JavaScript Date can hold: ±100 million days around the epoch. */
const MAX_TIME_MS = 8.64e15;

/** In Go's order: each unit once, the larger one first. */
const DURATION = /^(?=\d)(?:(\d+)y)?(?:(\d+)w)?(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m(?!s))?(?:(\d+)s)?(?:(\d+)ms)?$/;
const DURATION_UNITS_MS = [365 * 86_400_000, 7 * 86_400_000, 86_400_000, 3_600_000, 60_000, 1_000, 1];

/** What Go's time.Duration holds, some 292 years. */
const MAX_DURATION_MS = 2 ** 63 / 1e6;

/**
 * Reads a time: seconds since the epoch, or RFC 3339.
 *
 * @returns ms since the epoch; undefined when the text is no time
 */
export function parseTimeMs(text: string): number | undefined {
  if (DECIMAL.test(text)) {
    const at = Math.round(Number(text) * 1_000);
    return Math.abs(at) <= MAX_TIME_MS ? at : undefined;
  }
  return parseRfc3339(text);
}

/**
 * Reads a duration: seconds, or whole numbers with units from the largest to the smallest (`1h30m`).
 *
 * @returns milliseconds; undefined when the text is no duration
 */
export function parseDurationMs(text: string): number | undefined {
  if (DECIMAL.test(text)) {
    const milliseconds = Math.round(Number(text) * 1_000);
    return Math.abs(milliseconds) <= MAX_DURATION_MS ? milliseconds : undefined;
  }
  const match = DURATION.exec(text);
  if (match === null) return undefined;
  const total = DURATION_UNITS_MS.reduce((sum, unit, index) => sum + Number(match[index + 1] ?? 0) * unit, 0);
  return total <= MAX_DURATION_MS ? total : undefined;
}

/** @throws PrometheusError */
export function timeParameter(name: string, text: string): number {
  const at = parseTimeMs(text);
  if (at === undefined) throw invalidParameter(name, `cannot parse ${JSON.stringify(text)} to a valid timestamp`);
  return at;
}

/** @throws PrometheusError */
export function durationParameter(name: string, text: string): number {
  const milliseconds = parseDurationMs(text);
  if (milliseconds === undefined) {
    throw invalidParameter(name, `cannot parse ${JSON.stringify(text)} to a valid duration`);
  }
  return milliseconds;
}

function parseRfc3339(text: string): number | undefined {
  const match = RFC_3339.exec(text);
  if (match === null) return undefined;
  const [, year, month, day, hour, minute, second, fraction = '', sign, offsetHours = '0', offsetMinutes = '0'] = match;
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return undefined;
  if (Number(offsetHours) > 23 || Number(offsetMinutes) > 59) return undefined;
  const midnight = new Date(`${year}-${month}-${day}T00:00:00Z`);
  // JavaScript turns 30 February into 2 March; a day that the calendar does not have is a mistake.
  if (Number.isNaN(midnight.getTime()) || midnight.toISOString().slice(0, 10) !== `${year}-${month}-${day}`) {
    return undefined;
  }
  const offset = (Number(offsetHours) * 60 + Number(offsetMinutes)) * 60_000;
  const milliseconds = Math.round(Number(`0.${fraction || '0'}`) * 1_000);
  const atUtc =
    midnight.getTime() + (Number(hour) * 3_600 + Number(minute) * 60 + Number(second)) * 1_000 + milliseconds;
  return sign === '-' ? atUtc + offset : atUtc - offset;
}
