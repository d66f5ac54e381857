/**
 * Maximum length of a time. The longest common form has nine digits for the fraction of a second and an offset: 35 characters.
 */
const MAX_TIME_CHARACTERS = 64;

const ISO_8601 =
  /^(\d{4})-(\d{2})-(\d{2})(?:[Tt ](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d+))?)?(?:([Zz])|([-+])(\d{2}):?(\d{2}))?)?$/;

/** Matches the seconds and the offset, which RFC 3339 requires and ISO 8601 does not. */
const ENDS_AS_RFC_3339 = /T\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|[-+]\d{2}:\d{2})$/i;

const MINUTE_MS = 60_000;

/**
 * Reads a point in time in ISO 8601 or RFC 3339. Without `localToUtc`, a time without an offset is taken as UTC, and a date alone
 * as its midnight in UTC, so that the meaning of a text does not depend on the server's time zone. Digits beyond milliseconds are
 * dropped.
 *
 * @param localToUtc converts a time that has no offset from the caller's time zone to UTC; it receives the time as if it were
 * UTC, in milliseconds since the epoch
 * @returns ms since the epoch; undefined for any other text, or if the day, the time of day or the offset does not exist
 */
export function parseIsoTime(text: string, localToUtc?: (local: number) => number): number | undefined {
  if (text.length > MAX_TIME_CHARACTERS) return undefined;
  const match = ISO_8601.exec(text);
  if (match === null) return undefined;
  const [, year, month, day, hour = '0', minute = '0', second = '0', fraction = ''] = match;
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return undefined;
  const midnight = Date.parse(`${year}-${month}-${day}T00:00:00Z`);
  // JavaScript turns 30 February into 2 March. Here, a day that does not exist is an error.
  if (Number.isNaN(midnight) || new Date(midnight).getUTCDate() !== Number(day)) return undefined;
  const [, , , , , , , , zulu, sign, offsetHours = '0', offsetMinutes = '0'] = match;
  if (Number(offsetHours) > 23 || Number(offsetMinutes) > 59) return undefined;
  const offset = (Number(offsetHours) * 60 + Number(offsetMinutes)) * MINUTE_MS;
  const milliseconds = Number(fraction.slice(0, 3).padEnd(3, '0'));
  const clock = (Number(hour) * 60 + Number(minute)) * MINUTE_MS + Number(second) * 1_000 + milliseconds;
  const time = midnight + clock - (sign === '-' ? -offset : offset);
  return localToUtc !== undefined && zulu === undefined && sign === undefined ? localToUtc(time) : time;
}

/**
 * Reads a point in time as {@link parseIsoTime} does, but only in RFC 3339.
 *
 * @returns ms since the epoch; undefined for any other text
 */
export function parseRfc3339Time(text: string): number | undefined {
  return text.length <= MAX_TIME_CHARACTERS && ENDS_AS_RFC_3339.test(text) ? parseIsoTime(text) : undefined;
}
