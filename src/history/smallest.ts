/**
 * The smallest items of many, in order, without sorting all of them: a page of names out of a catalog of a million.
 *
 * @param compare never 0 for two different items, so that the order is one
 */
export function smallest<T>(items: Iterable<T>, count: number, compare: (a: T, b: T) => number): T[] {
  const kept: T[] = [];
  const trim = () => {
    kept.sort(compare);
    kept.length = Math.min(kept.length, count);
  };
  for (const item of items) {
    kept.push(item);
    if (kept.length >= 2 * count + 1_000) trim();
  }
  trim();
  return kept;
}
