/** The labels of one series as pairs of name and value, sorted by name, without empty values and without duplicate names. */
export type LabelSet = readonly (readonly [name: string, value: string])[];

const NEEDS_ESCAPE = /[\\"\n]/;

/** Escapes a label value for the text format of Prometheus, that is, only backslash, double quote and line feed. */
export function escapeLabelValue(value: string): string {
  if (!NEEDS_ESCAPE.test(value)) return value;
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}

/** Writes labels as they appear between the braces of the exposition. This text also identifies them in memory. */
export function labelsToText(labels: LabelSet): string {
  return labels.map(([name, value]) => `${name}="${escapeLabelValue(value)}"`).join(',');
}

const LABEL_IN_TEXT = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\.)*)"(?:,|$)/gsuy;
const UNESCAPED: Readonly<Record<string, string>> = { '\\n': '\n', '\\"': '"', '\\\\': '\\' };

/** Parses text that {@link labelsToText} has written. */
export function labelsFromText(text: string): Record<string, string> {
  const labels: Record<string, string> = {};
  for (const [, name, value] of text.matchAll(LABEL_IN_TEXT)) {
    labels[name!] = value!.includes('\\') ? value!.replaceAll(/\\[\\"n]/g, (escaped) => UNESCAPED[escaped]!) : value!;
  }
  return labels;
}

/** Returns the value of a label, or '' if it is absent, also for a name that every object has, such as `constructor`. */
export function labelValueIn(labels: Readonly<Record<string, string>>, name: string): string {
  return Object.hasOwn(labels, name) ? labels[name]! : '';
}

/** Sorts labels by name, the order of the exposition. Names are ASCII, so comparing code units is enough. */
export function sortLabels(labels: LabelSet): LabelSet {
  return labels.toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
}

/**
 * Returns labels from the database as a sorted set. Names are sorted instead of pairs for speed, as a start does it for every
 * series.
 */
export function labelSetOf(labels: Readonly<Record<string, string>>): LabelSet {
  return Object.keys(labels)
    .toSorted()
    .map((name) => [name, labels[name]!]);
}
