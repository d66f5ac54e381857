const SHOWN_CHARACTERS = 80;

/** Shortens a text that a message quotes, so that a client does not get megabytes of its input back. */
export function abbreviate(text: string): string {
  return text.length <= SHOWN_CHARACTERS ? text : `${text.slice(0, SHOWN_CHARACTERS)}…`;
}
