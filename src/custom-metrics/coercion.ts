/** What is taken for what, as Unleash's schema did it, without turning `null`, blanks or booleans into numbers. */

/** A number or a boolean becomes its text; anything else stays for the check to refuse. */
export function coerceName(value: unknown): unknown {
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : value;
}

const DECIMAL = /^\s*[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?\s*$/i;

/** Text that is a decimal number becomes it. */
export function coerceNumber(value: unknown): unknown {
  return typeof value === 'string' && DECIMAL.test(value) ? Number(value) : value;
}

const ISO_8601 = /^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[-+]\d{2}:?\d{2})?)?$/i;

/** ISO 8601 becomes milliseconds since the epoch; text of any other kind stays. */
export function coerceTimestamp(value: unknown): unknown {
  return typeof value === 'string' && ISO_8601.test(value) ? Date.parse(value) : value;
}

export function isLabelValue(value: unknown): value is string | number | boolean {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
}
