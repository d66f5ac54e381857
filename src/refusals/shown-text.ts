/** Maximum length of a name or a value. */
const MAX_CHARACTERS = 200;

/** Maximum length of a message, which quotes at most a few names. */
const MAX_MESSAGE_CHARACTERS = 500;

/** Matches words as long as the random part of a token. Somebody may have written a token into a name or a value. */
const LONG_WORDS = /[\w-]{40,}/g;

/** Matches the beginning of our own secrets. */
const OWN_SECRET = /^cm[a-z]_/;

/** Returns a message of a refusal as it may be stored. */
export function shownMessage(text: string): string {
  return shown(text, MAX_MESSAGE_CHARACTERS);
}

/** Returns a name or a value of a client as it may be stored. */
export function shownText(text: string): string {
  return shown(text, MAX_CHARACTERS);
}

function shown(text: string, maxLength: number): string {
  // Twice the length, so that a secret at the end of the text is recognised before the text is cut.
  const clean = text
    .slice(0, 2 * maxLength)
    .replaceAll('\0', '')
    .replaceAll(LONG_WORDS, (word) => (isSecret(word) ? '(hidden)' : word))
    .toWellFormed();
  return clean.length <= maxLength ? clean : `${clean.slice(0, maxLength - 1).toWellFormed()}…`;
}

/** Returns whether a long word looks like a secret: it has digits, and not the separators that long names of metrics have. */
function isSecret(word: string): boolean {
  return OWN_SECRET.test(word) || (/\d/.test(word) && word.split('_').some((part) => part.length >= 20));
}
