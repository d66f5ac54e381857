import { Turns } from '../../scheduling/turns.js';

/** Number of items that are sorted without a pause, which takes a few milliseconds. */
const PIECE_LENGTH = 4_096;

/**
 * Sorts like `toSorted`, but yields to the event loop, because sorting a hundred thousand label values without a pause would
 * block it.
 */
export async function sortedInTurns<T>(items: Iterable<T>, compare: (a: T, b: T) => number): Promise<T[]> {
  const all = [...items];
  const turns = new Turns();
  let pieces: T[][] = [];
  for (let offset = 0; offset < all.length; offset += PIECE_LENGTH) {
    pieces.push(all.slice(offset, offset + PIECE_LENGTH).toSorted(compare));
    await turns.give();
  }
  while (pieces.length > 1) {
    const merged: T[][] = [];
    for (let index = 0; index < pieces.length; index += 2) {
      merged.push(await mergedOf([pieces[index]!, pieces[index + 1] ?? []], compare, turns));
    }
    pieces = merged;
  }
  return pieces[0] ?? [];
}

async function mergedOf<T>(
  [a, b]: readonly [readonly T[], readonly T[]],
  compare: (a: T, b: T) => number,
  turns: Turns,
): Promise<T[]> {
  // Items are often in order already, such as series, which are found in the order in which they were created.
  if (a.length === 0 || b.length === 0 || compare(a.at(-1)!, b[0]!) <= 0) return [...a, ...b];
  const merged: T[] = [];
  let left = 0;
  let right = 0;
  while (left < a.length || right < b.length) {
    const isLeft = right === b.length || (left < a.length && compare(a[left]!, b[right]!) <= 0);
    merged.push(isLeft ? a[left++]! : b[right++]!);
    if (merged.length % PIECE_LENGTH === 0) await turns.give();
  }
  return merged;
}
