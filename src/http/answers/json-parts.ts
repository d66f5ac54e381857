import { Turns } from '../../scheduling/turns.js';

/**
 * The size of a part in characters. Parts are large enough for efficient sending, and small enough to be kept in memory for slow
 * clients.
 */
const PART_CHARACTERS = 64 * 1024;

/** An object whose JSON contains one long list, or one object with many properties. */
export interface LongAnswer<T> {
  /** The properties that come before the list. */
  readonly head?: object;
  readonly listName: string;
  readonly items: Iterable<T>;
  /** Whether the items are properties of an object rather than elements of a list. */
  readonly isObject?: boolean;
  /** Returns the JSON of one element, or of one property with its name. */
  readonly itemJson: (item: T) => string;
  /** The properties that come after the list. */
  readonly tail?: object;
}

/**
 * Yields the JSON of an object with a long list in parts, and lets other work run in between. Calling `JSON.stringify` for the
 * whole object would block the event loop, and need memory for the whole text.
 */
export async function* jsonParts<T>(answer: LongAnswer<T>): AsyncGenerator<string> {
  const { head, listName, items, isObject = false, itemJson, tail } = answer;
  const turns = new Turns();
  let part = `{${propertiesJson(head, 'before')}${JSON.stringify(listName)}:${isObject ? '{' : '['}`;
  let separator = '';
  for (const item of items) {
    part += separator + itemJson(item);
    separator = ',';
    if (part.length >= PART_CHARACTERS) {
      yield part;
      part = '';
    }
    if (turns.isUp) await turns.give();
  }
  yield `${part}${isObject ? '}' : ']'}${propertiesJson(tail, 'after')}}`;
}

/** Returns the properties of an object without its braces, with the comma that separates them from the list. */
function propertiesJson(properties: object | undefined, place: 'before' | 'after'): string {
  const json = JSON.stringify(properties ?? {}).slice(1, -1);
  if (json === '') return '';
  return place === 'before' ? `${json},` : `,${json}`;
}
