import { parseUnsignedWhole } from '../outside-text/number.js';

/**
 * Converts the text of an unsigned integer in a query to a number. Other values are returned unchanged, and the rules of the DTO
 * refuse them.
 */
export function toNumber({ value }: { value: unknown }): unknown {
  return typeof value === 'string' ? (parseUnsignedWhole(value) ?? value) : value;
}

/** Converts a repeatable parameter to an array, even if it occurs only once. */
export function toList({ value }: { value: unknown }): unknown {
  return Array.isArray(value) ? value : [value];
}

/** Converts a repeatable parameter to an array, and splits each occurrence at commas. */
export function toCommaList({ value }: { value: unknown }): unknown {
  const values = (Array.isArray(value) ? value : [value]) as unknown[];
  return values.flatMap((each) => (typeof each === 'string' ? each.split(',').filter((part) => part !== '') : [each]));
}

/** Converts `true` or `false` in a query. Other values are returned unchanged, and the rules of the DTO refuse them. */
export function toBoolean({ value }: { value: unknown }): unknown {
  return value === 'true' ? true : value === 'false' ? false : value;
}
