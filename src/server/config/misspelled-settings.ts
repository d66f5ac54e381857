import { closestSpelling } from '../../settings/closest-spelling.js';

/** A variable that is not a setting, and the setting that was probably meant. */
interface MisspelledSetting {
  readonly name: string;
  readonly meant: string;
}

/**
 * Finds variables that differ in one or two letters from one of our names. An environment contains many variables of other
 * programs, so an unknown one is not an error. But a misspelled limit has no effect, which an operator would notice too late
 * without a warning.
 *
 * @param names the variables that are set
 * @param known the names of our settings
 */
export function findMisspelledSettings(
  names: readonly string[],
  known: readonly string[],
): readonly MisspelledSetting[] {
  // Names of a single word, such as PORT and HOST, are similar to too many other names; every shell sets HOME, for example.
  const candidates = known.filter((name) => name.includes('_'));
  return names
    .filter((name) => !known.includes(name))
    .flatMap((name) => {
      const meant = closestSpelling(name, candidates);
      return meant === undefined ? [] : [{ name, meant }];
    });
}
