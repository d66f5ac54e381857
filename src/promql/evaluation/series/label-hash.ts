import { sortedLabels } from './labels.js';
import type { Labels } from './series-source.js';

const MASK = (1n << 64n) - 1n;
const PRIME_1 = 0x9e3779b185ebca87n;
const PRIME_2 = 0xc2b2ae3d27d4eb4fn;
const PRIME_3 = 0x165667b19e3779f9n;
const PRIME_4 = 0x85ebca77c2b2ae63n;
const PRIME_5 = 0x27d4eb2f165667c5n;

/**
 * Returns Prometheus' hash of a set of labels, so that `limit_ratio` picks the same series as Prometheus: xxHash64 of the names
 * and values in order, each preceded by its length (one byte, or 255 and three bytes).
 */
export function labelHash(labels: Labels): bigint {
  const parts: Buffer[] = [];
  for (const pair of sortedLabels(labels)) {
    for (const text of pair) {
      const bytes = Buffer.from(text);
      const { length } = bytes;
      parts.push(Buffer.from(length < 255 ? [length] : [255, length & 255, (length >> 8) & 255, length >> 16]), bytes);
    }
  }
  return xxHash64(Buffer.concat(parts));
}

/** Computes xxHash64 with seed 0 (https://github.com/Cyan4973/xxHash/blob/dev/doc/xxhash_spec.md). */
export function xxHash64(bytes: Buffer): bigint {
  let offset = 0;
  let hash: bigint;
  if (bytes.length >= 32) {
    const lanes = [(PRIME_1 + PRIME_2) & MASK, PRIME_2, 0n, -PRIME_1 & MASK];
    for (; offset + 32 <= bytes.length; offset += 32) {
      for (let lane = 0; lane < 4; lane++) {
        lanes[lane] = round(lanes[lane]!, bytes.readBigUInt64LE(offset + lane * 8));
      }
    }
    hash = (rotate(lanes[0]!, 1n) + rotate(lanes[1]!, 7n) + rotate(lanes[2]!, 12n) + rotate(lanes[3]!, 18n)) & MASK;
    for (const lane of lanes) {
      hash = ((hash ^ round(0n, lane)) * PRIME_1 + PRIME_4) & MASK;
    }
  } else {
    hash = PRIME_5;
  }
  hash = (hash + BigInt(bytes.length)) & MASK;
  for (; offset + 8 <= bytes.length; offset += 8) {
    hash ^= round(0n, bytes.readBigUInt64LE(offset));
    hash = (rotate(hash, 27n) * PRIME_1 + PRIME_4) & MASK;
  }
  if (offset + 4 <= bytes.length) {
    hash ^= (BigInt(bytes.readUInt32LE(offset)) * PRIME_1) & MASK;
    hash = (rotate(hash, 23n) * PRIME_2 + PRIME_3) & MASK;
    offset += 4;
  }
  for (; offset < bytes.length; offset++) {
    hash ^= (BigInt(bytes[offset]!) * PRIME_5) & MASK;
    hash = (rotate(hash, 11n) * PRIME_1) & MASK;
  }
  hash = ((hash ^ (hash >> 33n)) * PRIME_2) & MASK;
  hash = ((hash ^ (hash >> 29n)) * PRIME_3) & MASK;
  return hash ^ (hash >> 32n);
}

function round(lane: bigint, input: bigint): bigint {
  return (rotate((lane + input * PRIME_2) & MASK, 31n) * PRIME_1) & MASK;
}

function rotate(value: bigint, bits: bigint): bigint {
  return ((value << bits) | (value >> (64n - bits))) & MASK;
}
