/** A prefix that several names share, with the number of these names. */
export interface Prefix {
  text: string;
  count: number;
}

/** Minimum number of metrics that share a prefix. A prefix of fewer metrics would not help to find one of them. */
const FEWEST = 3;

/**
 * Returns the most frequent prefixes of names, in descending order of frequency. A prefix ends with the first underscore of a
 * name.
 */
export function prefixesOf(names: readonly string[], limit: number): Prefix[] {
  const counts = new Map<string, number>();
  for (const name of familiesOf(names)) {
    const end = name.indexOf('_', 1);
    if (end > 0) counts.set(name.slice(0, end + 1), (counts.get(name.slice(0, end + 1)) ?? 0) + 1);
  }
  return [...counts]
    .filter(([, count]) => count >= FEWEST && count < names.length)
    .map(([text, count]) => ({ text, count }))
    .toSorted((one, other) => other.count - one.count || one.text.localeCompare(other.text))
    .slice(0, limit);
}

/** Returns the names, with the three counters of each histogram replaced by the name of the histogram. */
export function familiesOf(names: readonly string[]): Set<string> {
  const all = new Set(names);
  const families = new Set<string>();
  for (const name of all) {
    const [, family] = /^(.+)_(?:bucket|sum|count)$/.exec(name) ?? [];
    const isHistogram =
      family !== undefined && ['bucket', 'sum', 'count'].every((part) => all.has(`${family}_${part}`));
    families.add(isHistogram ? family : name);
  }
  return families;
}
