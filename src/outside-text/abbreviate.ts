const SHOWN_CHARACTERS = 80;

/** Echoes what was sent, but not megabytes of it. */
export function abbreviate(text: string): string {
  return text.length <= SHOWN_CHARACTERS ? text : `${text.slice(0, SHOWN_CHARACTERS)}…`;
}
