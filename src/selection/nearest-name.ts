/** Below this share of common letter pairs a suggestion would puzzle rather than help. */
const MIN_SIMILARITY = 0.5;

/** Names looked at: a hint is worth some milliseconds, not more. */
const MAX_NAMES = 5_000;

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
    if (++looked > MAX_NAMES) break;
    const pairs = pairsOf(name);
    let common = 0;
    for (const pair of pairs) if (wantedPairs.has(pair)) common++;
    const similarity = (2 * common) / (pairs.size + wantedPairs.size || 1);
    if (similarity > bestSimilarity) [best, bestSimilarity] = [name, similarity];
  }
  return best;
}

function pairsOf(name: string): Set<string> {
  const text = name.toLowerCase();
  const pairs = new Set<string>();
  for (let index = 0; index + 1 < text.length; index++) pairs.add(text.slice(index, index + 2));
  return pairs;
}
