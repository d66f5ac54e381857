/** A suggestion must be more similar than this. A name that shares fewer letter pairs would confuse rather than help. */
const MIN_SIMILARITY = 0.5;

/**
 * Maximum number of characters that are compared in all names together. A hint must not take more than about ten milliseconds.
 */
const MAX_CHARACTERS = 200_000;

/** Maximum number of characters of a name that are compared. Longer names are compared only by their beginning. */
const MAX_NAME_LENGTH = 200;

/**
 * Returns the name that is most similar to the wanted one, measured by the letter pairs that they share (Sørensen–Dice). Among
 * equally similar names, the first is returned.
 *
 * @returns undefined if no name is similar enough
 */
export function mostSimilarName(wanted: string, names: Iterable<string>): string | undefined {
  const wantedPairs = pairsOf(wanted);
  let best: string | undefined;
  let bestSimilarity = MIN_SIMILARITY;
  let looked = 0;
  for (const name of names) {
    looked += Math.min(name.length, MAX_NAME_LENGTH);
    if (looked > MAX_CHARACTERS) break;
    const pairs = pairsOf(name);
    let common = 0;
    for (const pair of pairs) if (wantedPairs.has(pair)) common++;
    const similarity = (2 * common) / (pairs.size + wantedPairs.size || 1);
    if (similarity > bestSimilarity) [best, bestSimilarity] = [name, similarity];
  }
  return best;
}

function pairsOf(name: string): Set<string> {
  const text = name.slice(0, MAX_NAME_LENGTH).toLowerCase();
  const pairs = new Set<string>();
  for (let index = 0; index + 1 < text.length; index++) pairs.add(text.slice(index, index + 2));
  return pairs;
}
