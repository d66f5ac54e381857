/** Enough to recognise a name; a message may quote several. */
const SHOWN_CHARACTERS = 80;

/**
 * Shortens a text that a message quotes, so that a client does not get megabytes of its input back. An ellipsis shows that something
 * is missing.
 */
export function abbreviate(text: string): string {
  return text.length <= SHOWN_CHARACTERS ? text : `${text.slice(0, SHOWN_CHARACTERS)}…`;
}
