import { nearestName } from '../../settings/nearest-name.js';

/** A variable that nobody reads, and the setting it was probably meant to be. */
interface MisspelledSetting {
  readonly name: string;
  readonly meant: string;
}

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
      const meant = nearestName(name, candidates);
      return meant === undefined ? [] : [{ name, meant }];
    });
}
