import { MAX_NUMBER_CHARACTERS, parseDecimal } from '../../outside-text/number.js';
import { parseIsoTime } from '../../outside-text/time.js';

// These functions coerce values as Unleash's schema does, except that blank text and booleans do not become numbers.

/** Converts a number or a boolean to text. Other values are returned unchanged, and the check refuses them. */
export function coerceName(value: unknown): unknown {
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : value;
}

/** Converts the text of a decimal number, with or without surrounding blanks, to that number. */
export function coerceNumber(value: unknown): unknown {
  if (typeof value !== 'string' || value.length > MAX_NUMBER_CHARACTERS) return value;
  return parseDecimal(value.trim()) ?? value;
}

/** Converts ISO 8601 text to milliseconds since the epoch. Other values are returned unchanged. */
export function coerceTimestamp(value: unknown): unknown {
  return typeof value === 'string' ? (parseIsoTime(value) ?? value) : value;
}

export function isLabelValue(value: unknown): value is string | number | boolean {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
}
