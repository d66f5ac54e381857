import { BadDataError } from '../../../http/answers/errors.js';

/** Maximum number of words. Each is searched for in the name and the help text of every metric. */
const MAX_WORDS = 10;

/**
 * Returns a function that tests whether texts contain all words of a search. Upper and lower case are treated alike, and each
 * word can be in any of the texts.
 *
 * @throws BadDataError for too many words
 */
export function wordSearch(search: string | undefined): (...texts: readonly (string | null)[]) => boolean {
  const words = search?.toLowerCase().split(/\s+/).filter(Boolean) ?? [];
  if (words.length > MAX_WORDS) {
    throw new BadDataError([
      {
        path: '/query/search',
        message: `The \`/query/search\` property has ${words.length} words, and the limit is ${MAX_WORDS}. Leave out some of them.`,
      },
    ]);
  }
  return (...texts) => {
    if (words.length === 0) return true;
    const lower = texts.map((text) => text?.toLowerCase() ?? '');
    return words.every((word) => lower.some((text) => text.includes(word)));
  };
}
