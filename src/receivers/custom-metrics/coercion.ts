import { MAX_NUMBER_CHARACTERS, parseDecimal } from '../../outside-text/number.js';
import { parseIsoTime } from '../../outside-text/time.js';

/** What is taken for what, as Unleash's schema did it, without turning blanks or booleans into numbers. */

/** A number or a boolean becomes its text; anything else stays for the check to refuse. */
export function coerceName(value: unknown): unknown {
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : value;
}

/** Text that is a decimal number, with blanks around it or without, becomes that number. */
export function coerceNumber(value: unknown): unknown {
  if (typeof value !== 'string' || value.length > MAX_NUMBER_CHARACTERS) return value;
  return parseDecimal(value.trim()) ?? value;
}

/** ISO 8601 becomes milliseconds since the epoch; text of any other kind stays. */
export function coerceTimestamp(value: unknown): unknown {
  return typeof value === 'string' ? (parseIsoTime(value) ?? value) : value;
}

export function isLabelValue(value: unknown): value is string | number | boolean {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
}
