/** Labels of one series: name and value, sorted by name, no empty values, no name twice. */
export type LabelSet = readonly (readonly [name: string, value: string])[];

const NEEDS_ESCAPE = /[\\"\n]/;

/** Escapes a label value as Prometheus' text format asks: backslash, double quote and line feed, nothing else. */
export function escapeLabelValue(value: string): string {
  if (!NEEDS_ESCAPE.test(value)) return value;
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}

/** Writes labels as they stand between the braces of the exposition, which is also their identity in memory. */
export function labelsToText(labels: LabelSet): string {
  return labels.map(([name, value]) => `${name}="${escapeLabelValue(value)}"`).join(',');
}

const LABEL_IN_TEXT = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\.)*)"(?:,|$)/gsuy;
const UNESCAPED: Readonly<Record<string, string>> = { '\\n': '\n', '\\"': '"', '\\\\': '\\' };

/** Reads back what {@link labelsToText} wrote. */
export function labelsFromText(text: string): Record<string, string> {
  const labels: Record<string, string> = {};
  for (const [, name, value] of text.matchAll(LABEL_IN_TEXT)) {
    labels[name!] = value!.includes('\\') ? value!.replaceAll(/\\[\\"n]/g, (escaped) => UNESCAPED[escaped]!) : value!;
  }
  return labels;
}

/** The value of a label; '' where it is absent, also for a name that every object has, such as `constructor`. */
export function labelValueIn(labels: Readonly<Record<string, string>>, name: string): string {
  return Object.hasOwn(labels, name) ? labels[name]! : '';
}

/** Sorts by name, the order of the exposition; names are ASCII, so code units are enough. */
export function sortLabels(labels: LabelSet): LabelSet {
  return labels.toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
}

/** A record read from the database as a sorted set. Only names are sorted and not pairs: a start does it for every series. */
export function labelSetOf(labels: Readonly<Record<string, string>>): LabelSet {
  return Object.keys(labels)
    .toSorted()
    .map((name) => [name, labels[name]!]);
}
