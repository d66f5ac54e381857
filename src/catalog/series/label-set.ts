import { isLabelName } from '../../outside-text/name.js';

/** The labels of one series as pairs of name and value, sorted by name, without empty values and without duplicate names. */
export type LabelSet = readonly (readonly [name: string, value: string])[];

const QUOTE = 0x22;

const NEEDS_ESCAPE = /[\\"\n]/;

/** Escapes a label value for the text format of Prometheus, that is, only backslash, double quote and line feed. */
export function escapeLabelValue(value: string): string {
  if (!NEEDS_ESCAPE.test(value)) return value;
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}

/** Writes a label name as it stands in the exposition: in quotes, unless Prometheus has always allowed it. */
export function labelNameToText(name: string): string {
  return isLabelName(name) ? name : `"${escapeLabelValue(name)}"`;
}

/**
 * Writes labels in the form that they have between the braces of the exposition. This text also identifies them in memory.
 */
export function labelsToText(labels: LabelSet): string {
  return labels.map(([name, value]) => `${labelNameToText(name)}="${escapeLabelValue(value)}"`).join(',');
}

/**
 * Returns whether labels may have a name in quotes. The answer is true for every text that has one, and for a few others, such as
 * one with a value that is a comma. It takes a single search in the text.
 */
export function mayHaveQuotedNames(labelsText: string): boolean {
  return labelsText.startsWith('"') || labelsText.includes('","');
}

const UNESCAPED: Readonly<Record<string, string>> = { '\\n': '\n', '\\"': '"', '\\\\': '\\' };

/** Parses text that was written by {@link labelsToText}. */
export function labelsFromText(text: string): Record<string, string> {
  const labels: Record<string, string> = {};
  forEachLabelIn(text, (name, value) => (labels[name] = value));
  return labels;
}

/**
 * Calls a function with each label in a text that was written by {@link labelsToText}. For code that reads the labels of all
 * series, this is several times faster than {@link labelsFromText}.
 */
export function forEachLabelIn(text: string, look: (name: string, value: string) => void): void {
  for (let at = 0; at < text.length;) {
    const equals = endOfName(text, at);
    const end = equals < 0 ? -1 : endOfValue(text, equals + 2);
    if (end < 0) return;
    const isQuoted = text.charCodeAt(at) === QUOTE;
    const name = isQuoted ? unescaped(text.slice(at + 1, equals - 1)) : text.slice(at, equals);
    look(name, unescaped(text.slice(equals + 2, end)));
    // The closing quote is followed by a comma.
    at = end + 2;
  }
}

/**
 * Returns the value of one label in a text that was written by {@link labelsToText}, or undefined if the label is absent.
 *
 * @param nameText the name of the label as {@link labelNameToText} writes it
 */
export function labelInText(text: string, nameText: string): string | undefined {
  // Most series that lack a label do not contain its name anywhere. If the text contains it, the name may be part of a value.
  if (!text.includes(`${nameText}="`)) return undefined;
  for (let at = 0; at < text.length;) {
    const equals = endOfName(text, at);
    const end = equals < 0 ? -1 : endOfValue(text, equals + 2);
    if (end < 0) return undefined;
    if (equals - at === nameText.length && text.startsWith(nameText, at)) return unescaped(text.slice(equals + 2, end));
    at = end + 2;
  }
  return undefined;
}

/** Returns the index of the `=` after the name that begins at an index, or -1 if there is none. */
function endOfName(text: string, at: number): number {
  if (text.charCodeAt(at) !== QUOTE) return text.indexOf('="', at);
  const close = endOfValue(text, at + 1);
  return close < 0 ? -1 : close + 1;
}

/**
 * Returns the index of the quote that ends a value, or -1 if there is none. A quote after an odd number of backslashes belongs to
 * the value.
 */
function endOfValue(text: string, start: number): number {
  for (let end = text.indexOf('"', start); ; end = text.indexOf('"', end + 1)) {
    let backslashes = 0;
    while (end - backslashes > start && text[end - backslashes - 1] === '\\') backslashes++;
    if (end < 0 || backslashes % 2 === 0) return end;
  }
}

function unescaped(value: string): string {
  return value.includes('\\') ? value.replaceAll(/\\[\\"n]/g, (escaped) => UNESCAPED[escaped]!) : value;
}

/**
 * Returns the value of a label, or '' if it is absent. This also works for a name that every object has, such as `constructor`.
 */
export function labelValueIn(labels: Readonly<Record<string, string>>, name: string): string {
  return Object.hasOwn(labels, name) ? labels[name]! : '';
}

/** Sorts labels by the code units of their names, the order of the exposition and of {@link labelSetOf}. */
export function sortLabels(labels: LabelSet): LabelSet {
  return labels.toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
}

/**
 * Returns labels from the database as a sorted set. Names are sorted instead of pairs for speed, because this function runs for
 * every series at startup.
 */
export function labelSetOf(labels: Readonly<Record<string, string>>): LabelSet {
  return Object.keys(labels)
    .toSorted()
    .map((name) => [name, labels[name]!]);
}
