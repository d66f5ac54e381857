import { createHash } from 'node:crypto';

/** Number of leading characters by which a text is ordered in a list. A cursor contains them, and a cursor must be short. */
const ORDERED_CHARACTERS = 64;

/** A name or a value in a list. A larger rank comes first, and texts of the same rank are in the order of their keys. */
export interface RankedText {
  readonly rank: number;
  readonly key: string;
}

/** Returns the key that orders a text: the text itself, or the beginning and a hash of a long text. */
export function keyOf(text: string): string {
  if (text.length <= ORDERED_CHARACTERS) return text;
  const hash = createHash('sha256').update(text).digest('hex').slice(0, 16);
  return `${text.slice(0, ORDERED_CHARACTERS)}\uffff${hash}`;
}

/** Compares two entries of a list. Returns 0 only for the same text. */
export function compareRanked(a: RankedText, b: RankedText): number {
  if (a.rank !== b.rank) return b.rank - a.rank;
  return a.key < b.key ? -1 : a.key > b.key ? 1 : 0;
}
