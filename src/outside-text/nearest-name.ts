/** A suggestion that shares fewer letter pairs than this would confuse rather than help. */
const MIN_SIMILARITY = 0.5;

/** Maximum number of characters of names that are compared: a hint is worth some ten milliseconds, not more. */
const MAX_CHARACTERS = 200_000;

/** Longer names are compared only by their first characters. */
const MAX_NAME_LENGTH = 200;

/**
 * Returns the name that is most similar to the wanted one, by the letter pairs they share (Sørensen–Dice); the first of equally
 * similar ones.
 *
 * @returns undefined when no name is similar enough
 */
export function nearestName(wanted: string, names: Iterable<string>): string | undefined {
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
