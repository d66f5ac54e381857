import { randomInt } from 'node:crypto';
import { UnreadableBodyError } from '../answers/errors.js';

/** Limits for a JSON text in addition to its length. Lists count as objects. */
export interface JsonLimits {
  readonly objects: number;
  readonly differentKeys: number;
}

/**
 * The default limits. Five megabytes can contain half a million objects with different keys, which take a hundred megabytes of
 * memory and half a second of CPU time. No client sends this: ten thousand samples are twenty thousand objects, and the only keys
 * that vary are names of labels and flags.
 */
export const JSON_LIMITS: JsonLimits = { objects: 200_000, differentKeys: 20_000 };

/** Shorter texts are not checked, because parsing takes at most about twenty milliseconds for any of them. */
export const LIGHT_BYTES = 256 * 1_024;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COLON = 0x3a;
const OPEN_BRACKET = 0x5b;
const OPEN_BRACE = 0x7b;
const SPACE = 0x20;

/**
 * The seed is unknown outside this process. Otherwise a client could search for keys with equal hashes, which would count as one
 * key.
 */
const HASH_SEED = randomInt(2 ** 31);
const FNV_PRIME = 0x01000193;

/** The number of bytes that are checked in about a millisecond. */
const BYTES_PER_STEP = 256 * 1_024;

/**
 * Refuses a JSON text that would take too much memory and time. The check reads each byte once, which takes about ten milliseconds
 * for five megabytes. Short texts are not checked.
 *
 * @throws UnreadableBodyError with status 413
 */
export function assertLightJson(bytes: Buffer, limits = JSON_LIMITS): void {
  const steps = assertLightJsonInSteps(bytes, limits);
  while (steps.next().done !== true);
}

/** Checks the same as {@link assertLightJson}, and yields so that other work can run. */
export function* assertLightJsonInSteps(bytes: Buffer, limits = JSON_LIMITS): Generator<void, void> {
  if (bytes.length <= LIGHT_BYTES) return;
  const { objects, keys } = yield* weigh(bytes, limits);
  if (objects > limits.objects) {
    throw tooHeavy(`has more than ${limits.objects} objects and lists`);
  }
  if (keys > limits.differentKeys) {
    throw tooHeavy(`has more than ${limits.differentKeys} different keys`);
  }
}

function tooHeavy(problem: string): UnreadableBodyError {
  return new UnreadableBodyError(413, `The body ${problem}; send it in several requests.`);
}

function* weigh(bytes: Buffer, limits: JsonLimits): Generator<void, { objects: number; keys: number }> {
  /** The hashes of the keys, which are computed without creating strings. */
  const keys = new Set<number>();
  let objects = 0;
  let nextStep = BYTES_PER_STEP;
  for (let position = 0; position < bytes.length; position++) {
    if (position >= nextStep) {
      nextStep = position + BYTES_PER_STEP;
      yield;
    }
    const byte = bytes[position]!;
    if (byte === OPEN_BRACE || byte === OPEN_BRACKET) {
      objects++;
      if (objects > limits.objects) break;
    } else if (byte === QUOTE) {
      let hash = HASH_SEED;
      for (position++; position < bytes.length; position++) {
        const inside = bytes[position]!;
        if (inside === QUOTE) break;
        // An escaped character can't end the string.
        if (inside === BACKSLASH) hash = Math.imul(hash ^ bytes[++position]!, FNV_PRIME);
        hash = Math.imul(hash ^ inside, FNV_PRIME);
      }
      while (bytes[position + 1]! <= SPACE) position++;
      if (bytes[position + 1] !== COLON) continue;
      keys.add(hash);
      if (keys.size > limits.differentKeys) break;
    }
  }
  return { objects, keys: keys.size };
}
