import { Turns } from '../../scheduling/turns.js';

/**
 * Returns the smallest items in order without sorting all of them, such as a page of names from a catalog of a million. Other
 * work gets turns in between.
 *
 * @param compare must not return 0 for two different items, so that the order is unique
 */
export async function smallest<T>(items: Iterable<T>, count: number, compare: (a: T, b: T) => number): Promise<T[]> {
  const turns = new Turns();
  const kept: T[] = [];
  const trim = () => {
    kept.sort(compare);
    kept.length = Math.min(kept.length, count);
  };
  for (const item of items) {
    kept.push(item);
    if (kept.length >= 2 * count + 1_000) trim();
    if (turns.isUp) await turns.give();
  }
  trim();
  return kept;
}
