/** The longest time that anybody writes has nine digits for the fraction of a second and an offset: 35 characters. */
const MAX_TIME_CHARACTERS = 64;

const ISO_8601 =
  /^(\d{4})-(\d{2})-(\d{2})(?:[Tt ](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d+))?)?(?:([Zz])|([-+])(\d{2}):?(\d{2}))?)?$/;

/** RFC 3339 requires seconds and an offset, which ISO 8601 leaves open. */
const ENDS_AS_RFC_3339 = /T\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|[-+]\d{2}:\d{2})$/i;

const MINUTE_MS = 60_000;

/**
 * Reads a point in time in ISO 8601 or RFC 3339. A time without an offset is UTC and a date alone is its midnight in UTC, so that
 * the meaning of a text does not depend on the server's time zone. Digits beyond milliseconds are dropped.
 *
 * @returns ms since the epoch; undefined for any other text, and for a day or an hour that does not exist
 */
export function parseIsoTime(text: string): number | undefined {
  if (text.length > MAX_TIME_CHARACTERS) return undefined;
  const match = ISO_8601.exec(text);
  if (match === null) return undefined;
  const [, year, month, day, hour = '0', minute = '0', second = '0', fraction = ''] = match;
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return undefined;
  const midnight = Date.parse(`${year}-${month}-${day}T00:00:00Z`);
  // JavaScript turns 30 February into 2 March; here a day that does not exist is an error.
  if (Number.isNaN(midnight) || new Date(midnight).getUTCDate() !== Number(day)) return undefined;
  const [, , , , , , , , , sign, offsetHours = '0', offsetMinutes = '0'] = match;
  if (Number(offsetHours) > 23 || Number(offsetMinutes) > 59) return undefined;
  const offset = (Number(offsetHours) * 60 + Number(offsetMinutes)) * MINUTE_MS;
  const milliseconds = Number(fraction.slice(0, 3).padEnd(3, '0'));
  const clock = (Number(hour) * 60 + Number(minute)) * MINUTE_MS + Number(second) * 1_000 + milliseconds;
  return midnight + clock - (sign === '-' ? -offset : offset);
}

/**
 * Reads a point in time as {@link parseIsoTime} does, but only in RFC 3339.
 *
 * @returns ms since the epoch; undefined for any other text
 */
export function parseRfc3339Time(text: string): number | undefined {
  return text.length <= MAX_TIME_CHARACTERS && ENDS_AS_RFC_3339.test(text) ? parseIsoTime(text) : undefined;
}
