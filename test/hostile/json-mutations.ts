import type { SeededRandom } from '../support/seeded-random.js';
import { longText, oddText } from './texts.js';

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** Maximum size of a body, 5 MiB. Most are slightly smaller, so that they reach the parser. */
const MAX_BYTES = 5 * 1_024 * 1_024;

/** A placeholder for raw text that is put into the JSON afterwards, because JSON.stringify can't produce very deep nesting. */
const RAW = 'raw-text-comes-here';

interface Place {
  readonly parent: Json[] | { [key: string]: Json };
  readonly key: string;
}

/** Replaces a value or a property name of a valid body by a text of up to four million characters. */
export function hugeJson(random: SeededRandom, valid: Json): Buffer {
  const body = structuredClone(valid);
  const { parent, key } = random.pick(placesIn(body));
  const text = longText(random, random.pick([100_000, 1_000_000, 4_000_000]));
  if (random.isTrue(0.3) && !Array.isArray(parent)) setProperty(parent, text, parent[key]!);
  else setProperty(parent, key, random.isTrue(0.1) ? { [text]: text.slice(0, 10) } : text);
  repeatElements(random, body, random.pick([1, 10, 2_000]));
  return toBytes(body);
}

/** Replaces a field by lists or objects that are nested up to a million levels deep. */
export function deepJson(random: SeededRandom, valid: Json): Buffer {
  const body = structuredClone(valid);
  const { parent, key } = random.pick(placesIn(body));
  setProperty(parent, key, RAW);
  const depth = random.pick([1_000, 100_000, 1_000_000]);
  const [open, middle, close] = random.pick([
    ['[', '', ']'],
    ['{"a":', '1', '}'],
    ['[{"labels":', '{}', '}]'],
    ['[', '', ''],
  ] as const);
  return Buffer.from(JSON.stringify(body).replace(`"${RAW}"`, open.repeat(depth) + middle + close.repeat(depth)));
}

/** Adds up to 300,000 elements to a list or an object of a valid body. */
export function manyJson(random: SeededRandom, valid: Json): Buffer {
  const body = structuredClone(valid);
  const places = placesIn(body);
  const count = random.pick([1_000, 20_000, 300_000]);
  if (random.isTrue(0.5)) {
    const objects = places.map(({ parent, key }) => (parent as { [key: string]: Json })[key]!);
    const object = random.pick([body, ...objects].filter((each) => isObject(each)));
    const value = random.pick<Json>([1, 'v', null, {}, []]);
    for (let index = 0; index < count; index++) object[`k${random.isTrue(0.5) ? index : index % 7}_${index}`] = value;
  } else {
    repeatElements(random, body, count);
  }
  return toBytes(body);
}

/** Sets up to four fields to values that they must not have, or adds fields with such values. */
export function oddJson(random: SeededRandom, valid: Json): Buffer {
  const body = structuredClone(valid);
  for (let count = random.integer(1, 4); count > 0; count--) {
    const { parent, key } = random.pick(placesIn(body));
    const value = random.pick<Json>([
      oddText(random),
      null,
      true,
      -1,
      1e308,
      Number.MAX_SAFE_INTEGER + 1,
      [],
      {},
      [[]],
      { isStale: true },
      { histogram: {} },
      [null],
    ]);
    if (random.isTrue(0.3) && !Array.isArray(parent)) setProperty(parent, oddText(random), value);
    else setProperty(parent, key, value);
  }
  return Buffer.from(JSON.stringify(body));
}

/** Appends copies of the first element of one list, often with small differences, until the body reaches the limit. */
function repeatElements(random: SeededRandom, body: Json, count: number): void {
  const lists = [body, ...placesIn(body).map(({ parent, key }) => (parent as { [key: string]: Json })[key]!)].filter(
    (each): each is Json[] => Array.isArray(each) && each.length > 0,
  );
  if (lists.length === 0) return;
  const list = random.pick(lists);
  const element = list[0]!;
  const text = JSON.stringify(element);
  const left = (MAX_BYTES - JSON.stringify(body).length) / (text.length + 8);
  const isVaried = random.isTrue(0.5);
  for (let index = 0; index < Math.min(count, left); index++) {
    list.push(isVaried ? (JSON.parse(text.replace(/[a-z](?=")/, `$&${index}`)) as Json) : element);
  }
}

function toBytes(body: Json): Buffer {
  const bytes = Buffer.from(JSON.stringify(body));
  // The rest of a larger body is cut off, because such a body is refused for its length anyway.
  return bytes.length > 2 * MAX_BYTES ? bytes.subarray(0, 2 * MAX_BYTES) : bytes;
}

function placesIn(json: Json): Place[] {
  const places: Place[] = [];
  const visit = (value: Json): void => {
    if (typeof value !== 'object' || value === null) return;
    for (const key of Object.keys(value)) {
      places.push({ parent: value, key });
      visit((value as { [key: string]: Json })[key]!);
    }
  };
  visit(json);
  return places;
}

function isObject(value: Json): value is { [key: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Sets a property. `__proto__` becomes an own property, as with JSON.parse. */
function setProperty(parent: Place['parent'], key: string, value: Json): void {
  Object.defineProperty(parent, key, { value, enumerable: true, configurable: true, writable: true });
}
