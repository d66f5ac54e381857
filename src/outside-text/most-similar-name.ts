/** A suggestion must be more similar than this. A name that shares fewer letter pairs would confuse rather than help. */
const MIN_SIMILARITY = 0.5;

/**
 * Maximum number of characters that are compared in all names together. Comparing them takes about a millisecond, so that even
 * sixty wrong names at the same time do not delay other requests.
 */
const MAX_CHARACTERS = 50_000;

/** Maximum number of characters of a name that are compared. Longer names are compared only by their beginning. */
const MAX_NAME_LENGTH = 200;

/** A name that is skipped because of its length counts as this many characters. */
const COST_OF_SKIPPING = 2;

/**
 * Returns the name that is most similar to the wanted one, measured by the letter pairs that they share (Sørensen–Dice). Among
 * equally similar names, the first is returned.
 *
 * @returns undefined if no name is similar enough
 */
export function mostSimilarName(wanted: string, names: Iterable<string>): string | undefined {
  const wantedPairs = new LetterPairs(wanted);
  let best: string | undefined;
  let bestSimilarity = MIN_SIMILARITY;
  let left = MAX_CHARACTERS;
  for (const name of names) {
    const length = Math.min(name.length, MAX_NAME_LENGTH);
    const canBeBest = wantedPairs.highestSimilarity(length) > bestSimilarity;
    left -= canBeBest ? length : COST_OF_SKIPPING;
    if (left < 0) break;
    if (!canBeBest) continue;
    const similarity = wantedPairs.similarityTo(name, length);
    if (similarity > bestSimilarity) [best, bestSimilarity] = [name, similarity];
  }
  return best;
}

/** The number of places for letter pairs: one for each pair of bytes. Pairs of other characters share these places. */
const PAIRS = 2 ** 16;

/** The pairs of neighbouring letters of a text, regardless of their case. */
class LetterPairs {
  /** How often the text has each pair. While a name is compared, its own pairs are subtracted. */
  private readonly counts = new Int16Array(PAIRS);
  private readonly size: number;

  constructor(text: string) {
    this.size = Math.max(0, Math.min(text.length, MAX_NAME_LENGTH) - 1);
    for (let index = 0; index < this.size; index++) this.counts[pairAt(text, index)]!++;
  }

  /** Returns the highest similarity that a name of this length can have. */
  highestSimilarity(length: number): number {
    const size = Math.max(0, length - 1);
    return (2 * Math.min(size, this.size)) / (size + this.size || 1);
  }

  /** @param length the number of characters of the name that are compared */
  similarityTo(name: string, length: number): number {
    const { counts } = this;
    let common = 0;
    for (let index = 0; index + 1 < length; index++) if (counts[pairAt(name, index)]!-- > 0) common++;
    for (let index = 0; index + 1 < length; index++) counts[pairAt(name, index)]!++;
    return (2 * common) / (length - 1 + this.size || 1);
  }
}

function pairAt(text: string, index: number): number {
  return ((lowerCase(text.charCodeAt(index)) << 8) ^ lowerCase(text.charCodeAt(index + 1))) & (PAIRS - 1);
}

/** Returns the code of a letter of ASCII in lower case, and any other code unchanged. */
function lowerCase(code: number): number {
  return code >= 0x41 && code <= 0x5a ? code + 0x20 : code;
}
