/** A condition on one label. An empty value stands for series without the label. */
export interface LabelFilter {
  label: string;
  value: string;
  /** Whether the series with the value are left out, instead of all others. */
  isExcluded: boolean;
}

/** Writes a filter for the address. */
export function filterToAddress({ label, value, isExcluded }: LabelFilter): string {
  return `${nameToAddress(label)}${isExcluded ? '!=' : '='}${value}`;
}

/** Reads a filter from the address, or returns null if the text is not a filter. The value can contain any character. */
export function filterFromAddress(text: string): LabelFilter | null {
  const at = text.indexOf('=');
  const isExcluded = text[at - 1] === '!';
  const name = text.slice(0, Math.max(isExcluded ? at - 1 : at, 0));
  return name === '' ? null : { label: nameFromAddress(name), value: text.slice(at + 1), isExcluded };
}

/**
 * Writes the name of a label for the address. It escapes `=`, `!` and the comma, which would end the name, and `%`, which begins
 * an escape.
 */
export function nameToAddress(name: string): string {
  return name.replaceAll(/[%=!,]/g, (character) => `%${character.charCodeAt(0).toString(16)}`);
}

/** Reads the name of a label from the address. */
export function nameFromAddress(text: string): string {
  return text.replaceAll(/%([0-9a-f]{2})/g, (_match, code: string) => String.fromCharCode(parseInt(code, 16)));
}

/** Writes a filter as a parameter of a history request. */
export function filterParameter({ label, value, isExcluded }: LabelFilter): string {
  return `${nameParameter(label)}${isExcluded ? '!=' : '='}${value}`;
}

/** Matches label names that the history would not read as a single name. In a path, `.` and `..` would even change the route. */
const AMBIGUOUS = /[=,]|!$|^(?:\*|\.\.?)$/;

/**
 * Writes the name of a label for a history request. An ambiguous name is escaped as in Prometheus: each special character becomes
 * its code point between underscores.
 */
export function nameParameter(name: string): string {
  if (!AMBIGUOUS.test(name)) return name;
  return `U__${name.replaceAll(/[^a-zA-Z0-9]/gu, (character) =>
    character === '_' ? '__' : `_${character.codePointAt(0)!.toString(16)}_`,
  )}`;
}

/** Adds filters to others. An added filter replaces the filter for the same label and value, which may be the opposite one. */
export function withFilters(filters: readonly LabelFilter[], added: readonly LabelFilter[]): LabelFilter[] {
  const isSameValue = (one: LabelFilter, other: LabelFilter) => one.label === other.label && one.value === other.value;
  const kept = filters.filter((filter) => !added.some((other) => isSameValue(filter, other)));
  return [...kept, ...added];
}

/** Writes a filter for people, such as `status ≠ paid`. */
export function filterText({ label, value, isExcluded }: LabelFilter): string {
  return `${label} ${isExcluded ? '≠' : '='} ${value === '' ? '(none)' : value}`;
}
