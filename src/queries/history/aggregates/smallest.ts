import { Turns } from '../../../scheduling/turns.js';

/**
 * The smallest items of many, in order, without sorting all of them: a page of names out of a catalog of a million. Others
 * get turns meanwhile.
 *
 * @param compare never 0 for two different items, so that the order is one
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
