/** Maximum length of a name or a value. */
const MAX_CHARACTERS = 200;

/** Maximum length of a message, which quotes at most a few names. */
const MAX_MESSAGE_CHARACTERS = 500;

/**
 * Matches words of 40 or more characters, because the random part of our tokens has 43. A client may send a token as a name or a
 * value by mistake.
 */
const LONG_WORDS = /[\w-]{40,}/g;

/** Matches the beginning of our own secrets. */
const OWN_SECRET = /^cm[a-z]_/;

/**
 * Matches one of our own secrets after other characters. Its random part may have underscores anywhere, but nearly always has a
 * capital letter, which names of metrics lack.
 */
const SECRET_WITHIN = /cm[a-z]_(?=[\w-]{0,39}[A-Z])[\w-]{40}/;

/** Shortens the message of a refusal and hides secrets in it. */
export function shownMessage(text: string): string {
  return shown(text, MAX_MESSAGE_CHARACTERS);
}

/** Shortens a name or a value that a client sent, and hides secrets in it. */
export function shownText(text: string): string {
  return shown(text, MAX_CHARACTERS);
}

function shown(text: string, maxLength: number): string {
  // The search for secrets covers twice the maximum length, so that a secret at the end is recognised before the text is cut.
  const clean = text
    .slice(0, 2 * maxLength)
    .replaceAll('\0', '')
    .replaceAll(LONG_WORDS, (word) => (isSecret(word) ? '(hidden)' : word))
    .toWellFormed();
  return clean.length <= maxLength ? clean : `${clean.slice(0, maxLength - 1).toWellFormed()}…`;
}

/**
 * Returns whether a long word looks like a secret. Unlike long names of metrics, secrets have digits and long parts without
 * underscores.
 */
function isSecret(word: string): boolean {
  return (
    OWN_SECRET.test(word) ||
    SECRET_WITHIN.test(word) ||
    (/\d/.test(word) && word.split('_').some((part) => part.length >= 20))
  );
}
