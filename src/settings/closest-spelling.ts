/** The minimum length of a name in which two wrong letters are more likely a typo than another word. */
const LONG_NAME = 10;

/**
 * Finds the known name that a misspelled one probably means: the nearest one that differs by one letter, or by two letters if the
 * name is long.
 *
 * @param name a name of bounded length, because the time grows with the product of the lengths
 */
export function closestSpelling(name: string, known: readonly string[]): string | undefined {
  const [nearest] = known
    .map((meant) => ({ meant, distance: editDistance(name, meant) }))
    .filter(({ meant, distance }) => distance <= (meant.length < LONG_NAME ? 1 : 2))
    .toSorted((a, b) => a.distance - b.distance);
  return nearest?.meant;
}

/**
 * Returns the number of letters that have to be inserted, deleted or replaced to turn one word into the other (Levenshtein
 * distance).
 */
function editDistance(from: string, to: string): number {
  let previous = Array.from({ length: to.length + 1 }, (_, length) => length);
  for (let row = 1; row <= from.length; row++) {
    const current = [row];
    for (let column = 1; column <= to.length; column++) {
      current.push(
        Math.min(
          previous[column]! + 1,
          current[column - 1]! + 1,
          previous[column - 1]! + (from[row - 1] === to[column - 1] ? 0 : 1),
        ),
      );
    }
    previous = current;
  }
  return previous[to.length]!;
}
