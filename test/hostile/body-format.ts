import type { SeededRandom } from '../support/seeded-random.js';
import { deepJson, hugeJson, type Json, manyJson, oddJson } from './json-mutations.js';

type MakeBody = (random: SeededRandom) => Buffer;

/** The bodies that one kind of route reads, valid and invalid. */
export interface BodyFormat {
  readonly headers: Readonly<Record<string, string>>;
  /** A body that a real client could send. */
  readonly valid: MakeBody;
  /** A body with one field that is far too long. */
  readonly huge: MakeBody;
  /** A body with far too many levels. */
  readonly deep: MakeBody;
  /** A body with far too many elements. */
  readonly many: MakeBody;
  /** A well-formed body in which one field has an unexpected value. */
  readonly odd: MakeBody;
}

/** Returns a format whose bodies are all derived from one valid JSON value. */
export function jsonFormat(makeValid: (random: SeededRandom) => Json): BodyFormat {
  return {
    headers: { 'content-type': 'application/json' },
    valid: (random) => Buffer.from(JSON.stringify(makeValid(random))),
    huge: (random) => hugeJson(random, makeValid(random)),
    deep: (random) => deepJson(random, makeValid(random)),
    many: (random) => manyJson(random, makeValid(random)),
    odd: (random) => oddJson(random, makeValid(random)),
  };
}

/** Changes some bytes of a valid body, cuts it off, repeats its end, or returns random bytes instead. */
export function damaged(random: SeededRandom, valid: Buffer): Buffer {
  const bytes = Buffer.from(valid);
  switch (random.integer(0, 4)) {
    case 0:
      return bytes.subarray(0, random.integer(0, bytes.length));
    case 1:
      return Buffer.concat([bytes, bytes.subarray(random.integer(0, bytes.length))]);
    case 2:
      return Buffer.from(Array.from({ length: random.integer(1, 10_000) }, () => random.integer(0, 255)));
    default:
      for (let count = random.integer(1, 20); count > 0 && bytes.length > 0; count--) {
        bytes[random.integer(0, bytes.length - 1)] = random.pick([0, 0x22, 0x7b, 0x80, 0xff, random.integer(0, 255)]);
      }
      return bytes;
  }
}
