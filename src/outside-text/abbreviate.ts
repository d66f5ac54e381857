/** Maximum length of a quoted text. This is enough to recognise a name, and short enough for a message that quotes several. */
const SHOWN_CHARACTERS = 80;

/**
 * Shortens a text that a message quotes, so that a client does not get megabytes of its input back. An ellipsis shows that the
 * text was cut.
 */
export function abbreviate(text: string): string {
  return text.length <= SHOWN_CHARACTERS ? text : `${text.slice(0, SHOWN_CHARACTERS)}…`;
}
