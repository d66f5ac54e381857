/** Below this share of common letter pairs a suggestion would puzzle rather than help. */
const MIN_SIMILARITY = 0.5;

/** Characters of names that are looked at: a hint is worth some ten milliseconds, not more. */
const MAX_CHARACTERS = 200_000;

/** Longer names are compared by their beginning. */
const MAX_NAME_LENGTH = 200;

/**
 * The name that looks most like the wanted one, by the letter pairs they share (Sørensen–Dice); of equals the first.
 *
 * @returns undefined when none looks like it
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
