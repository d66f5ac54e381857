/** A variable that nobody reads, and the setting it was probably meant to be. */
interface MisspelledSetting {
  readonly name: string;
  readonly meant: string;
}

/** From this length on two wrong letters are more likely a slip than another word. */
const LONG_NAME = 10;

/**
 * Finds variables that are a letter or two away from one of our names. An environment is full of variables of others,
 * so an unknown one is no error; but a misspelled limit that silently does nothing is found too late.
 *
 * @param names the variables that are set
 * @param known the names of our settings
 */
export function findMisspelledSettings(
  names: readonly string[],
  known: readonly string[],
): readonly MisspelledSetting[] {
  // PORT and HOST have no prefix of ours and too many neighbours: every shell sets HOME.
  const candidates = known.filter((name) => name.includes('_'));
  return names
    .filter((name) => !known.includes(name))
    .flatMap((name) => {
      const [nearest] = candidates
        .map((meant) => ({ meant, distance: editDistance(name, meant) }))
        .filter(({ meant, distance }) => distance <= (meant.length < LONG_NAME ? 1 : 2))
        .toSorted((a, b) => a.distance - b.distance);
      return nearest ? [{ name, meant: nearest.meant }] : [];
    });
}

/** How many letters must be put in, left out or changed to make one word of the other (Levenshtein). */
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
