import { randomInt } from 'node:crypto';
import { UnreadableBodyError } from '../answers/errors.js';

/** How much a JSON text may hold beside its length. */
export interface JsonLimits {
  readonly objects: number;
  readonly differentKeys: number;
}

/**
 * Five megabytes hold half a million objects with a key of their own each, which hold the event loop for half a second or more
 * while they are parsed. No client sends the like: ten thousand samples are twenty thousand objects, and different keys are
 * names of labels or flags.
 */
export const JSON_LIMITS: JsonLimits = { objects: 200_000, differentKeys: 20_000 };

/** What a shorter text holds is parsed in some ten milliseconds. */
const LIGHT_BYTES = 256 * 1_024;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COLON = 0x3a;
const OPEN_BRACKET = 0x5b;
const OPEN_BRACE = 0x7b;
const SPACE = 0x20;

/** Not known outside of this process, so that nobody can look for keys of one hash, which would be counted as one. */
const HASH_SEED = randomInt(2 ** 31);
const FNV_PRIME = 0x01000193;

/** Bytes that are looked at in a millisecond. */
const BYTES_PER_STEP = 256 * 1_024;

/**
 * Refuses a JSON text that would take long to parse, before it is parsed: that can't be interrupted. One look at each byte, some
 * ten milliseconds for five megabytes; short texts are not looked at.
 *
 * @throws UnreadableBodyError 413
 */
export function assertLightJson(bytes: Buffer, limits = JSON_LIMITS): void {
  const steps = assertLightJsonInSteps(bytes, limits);
  while (steps.next().done !== true);
}

/** The same as {@link assertLightJson}, with a step wherever others may have a turn. */
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
  /** Hashes of keys: the keys themselves would be made strings of. */
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
        // What is escaped can't end the text.
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
