import { parseUnsignedWhole } from '../outside-text/number.js';

/** A number as it stands in a query; anything else stays as it is, for the rules to refuse. */
export function toNumber({ value }: { value: unknown }): unknown {
  return typeof value === 'string' ? (parseUnsignedWhole(value) ?? value) : value;
}

/** A parameter that may be repeated is an array, however often it was given. */
export function toList({ value }: { value: unknown }): unknown {
  return Array.isArray(value) ? value : [value];
}

/** The same, and each may hold several, separated by commas. */
export function toCommaList({ value }: { value: unknown }): unknown {
  const values = (Array.isArray(value) ? value : [value]) as unknown[];
  return values.flatMap((each) => (typeof each === 'string' ? each.split(',').filter((part) => part !== '') : [each]));
}

/** A yes or no as it stands in a query; anything else stays as it is, for the rules to refuse. */
export function toBoolean({ value }: { value: unknown }): unknown {
  return value === 'true' ? true : value === 'false' ? false : value;
}
