/** The labels of one series as pairs of name and value, sorted by name, without empty values and without duplicate names. */
export type LabelSet = readonly (readonly [name: string, value: string])[];

const NEEDS_ESCAPE = /[\\"\n]/;

/** Escapes a label value for the text format of Prometheus, that is, only backslash, double quote and line feed. */
export function escapeLabelValue(value: string): string {
  if (!NEEDS_ESCAPE.test(value)) return value;
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}

/** Writes labels in the form that they have between the braces of the exposition. This text also identifies them in memory. */
export function labelsToText(labels: LabelSet): string {
  return labels.map(([name, value]) => `${name}="${escapeLabelValue(value)}"`).join(',');
}

const LABEL_IN_TEXT = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\.)*)"(?:,|$)/gsuy;
const UNESCAPED: Readonly<Record<string, string>> = { '\\n': '\n', '\\"': '"', '\\\\': '\\' };

/** Parses text that was written by {@link labelsToText}. */
export function labelsFromText(text: string): Record<string, string> {
  const labels: Record<string, string> = {};
  for (const [, name, value] of text.matchAll(LABEL_IN_TEXT)) {
    labels[name!] = unescaped(value!);
  }
  return labels;
}

/**
 * Calls a function with each label in a text that was written by {@link labelsToText}. For code that reads the labels of all series,
 * this is several times faster than {@link labelsFromText}.
 */
export function forEachLabelIn(text: string, look: (name: string, value: string) => void): void {
  for (let at = 0; at < text.length;) {
    const equals = text.indexOf('="', at);
    const end = endOfValue(text, equals + 2);
    if (end < 0) return;
    look(text.slice(at, equals), unescaped(text.slice(equals + 2, end)));
    // The closing quote is followed by a comma.
    at = end + 2;
  }
}

/**
 * Returns the value of one label in a text that was written by {@link labelsToText}, or undefined if the label is absent.
 */
export function labelInText(text: string, wanted: string): string | undefined {
  // Most series that lack a label do not contain its name anywhere. If the text contains it, the name may be part of a value.
  if (!text.includes(`${wanted}="`)) return undefined;
  for (let at = 0; at < text.length;) {
    const equals = text.indexOf('="', at);
    const end = endOfValue(text, equals + 2);
    if (end < 0) return undefined;
    if (equals - at === wanted.length && text.startsWith(wanted, at)) return unescaped(text.slice(equals + 2, end));
    at = end + 2;
  }
  return undefined;
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

/** Sorts labels by name, the order of the exposition. Names are ASCII, so comparing code units is enough. */
export function sortLabels(labels: LabelSet): LabelSet {
  return labels.toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
}

/**
 * Returns labels from the database as a sorted set. Names are sorted instead of pairs for speed, because this function runs for
 * every series at a start.
 */
export function labelSetOf(labels: Readonly<Record<string, string>>): LabelSet {
  return Object.keys(labels)
    .toSorted()
    .map((name) => [name, labels[name]!]);
}
