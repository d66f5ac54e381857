import { Turns } from '../sample-store/turns.js';

/** Characters of one part of an answer. */
const PART_LENGTH = 64 * 1024;

/** What an answer says beside its result, as Prometheus sends it: only what is there. */
export function notesJson(warnings: readonly string[], infos: readonly string[] = []): string {
  return (
    (warnings.length > 0 ? `,"warnings":${JSON.stringify(warnings)}` : '') +
    (infos.length > 0 ? `,"infos":${JSON.stringify(infos)}` : '')
  );
}

/**
 * The JSON of a successful answer whose result is a list, made and sent in parts: a list of all series would hold the
 * event loop and the memory if it were made in one.
 *
 * @param itemJson the JSON of one item
 */
export async function* listAnswer<T>(
  items: readonly T[],
  itemJson: (item: T) => string,
  warnings: readonly string[] = [],
): AsyncGenerator<string> {
  const turns = new Turns();
  let part = '{"status":"success","data":[';
  for (const [index, item] of items.entries()) {
    part += (index === 0 ? '' : ',') + itemJson(item);
    if (part.length < PART_LENGTH) continue;
    yield part;
    part = '';
    await turns.give();
  }
  yield `${part}]${notesJson(warnings)}}`;
}
