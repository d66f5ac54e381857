import { Turns } from '../sample-store/turns.js';

/** Sorted in one go: some milliseconds. */
const PIECE_LENGTH = 4_096;

/** Sorts as `toSorted` does, but gives others a turn: a hundred thousand values of a label would hold them up. */
export async function sortedTexts(texts: Iterable<string>): Promise<string[]> {
  const all = [...texts];
  const turns = new Turns();
  let pieces: string[][] = [];
  for (let offset = 0; offset < all.length; offset += PIECE_LENGTH) {
    pieces.push(all.slice(offset, offset + PIECE_LENGTH).toSorted());
    await turns.give();
  }
  while (pieces.length > 1) {
    const merged: string[][] = [];
    for (let index = 0; index < pieces.length; index += 2) {
      merged.push(await mergedOf(pieces[index]!, pieces[index + 1] ?? [], turns));
    }
    pieces = merged;
  }
  return pieces[0] ?? [];
}

async function mergedOf(a: readonly string[], b: readonly string[], turns: Turns): Promise<string[]> {
  const merged: string[] = [];
  let left = 0;
  let right = 0;
  while (left < a.length || right < b.length) {
    const isLeft = right === b.length || (left < a.length && a[left]! <= b[right]!);
    merged.push(isLeft ? a[left++]! : b[right++]!);
    if (merged.length % PIECE_LENGTH === 0) await turns.give();
  }
  return merged;
}
