/** The index of the lower half of a double in memory, which depends on the byte order of the machine. */
const LOW = new Uint8Array(Float64Array.of(1).buffer)[7] === 0 ? 1 : 0;
const HIGH = 1 - LOW;

const one = new Float64Array(1);
const wordsOfOne = new Uint32Array(one.buffer);

/**
 * Returns a view of the memory of an array, with the two halves of each double. The bits of a NaN must be read and written
 * through this view, because a NaN that passes through a variable may lose its payload.
 */
export function wordsOf(values: Float64Array): Uint32Array {
  return new Uint32Array(values.buffer, values.byteOffset, 2 * values.length);
}

/**
 * Copies the two halves of one double: the sign, the exponent and the upper 20 bits of the fraction to `highs`, and the lower 32
 * bits to `lows`.
 */
export function splitWord(
  words: Uint32Array,
  index: number,
  highs: Float64Array,
  lows: Float64Array,
  at: number,
): void {
  highs[at] = words[2 * index + HIGH]!;
  lows[at] = words[2 * index + LOW]!;
}

/** Stores a double, given its two halves. */
export function joinWords(words: Uint32Array, index: number, high: number, low: number): void {
  words[2 * index + HIGH] = high;
  words[2 * index + LOW] = low;
}

/** Returns the exponent of the lowest bit that is set in a finite double other than 0: the largest q with value = n * 2^q. */
export function lowestExponent(value: number): number {
  one[0] = value;
  const high = wordsOfOne[HIGH]!;
  const low = wordsOfOne[LOW]!;
  const exponent = (high >>> 20) & 0x7ff;
  // A subnormal has no implicit leading 1, and its exponent is that of the smallest normal number.
  const fraction = exponent === 0 ? high & 0xfffff : (high & 0xfffff) | 0x100000;
  const trailing = low === 0 ? 32 + trailingZeros(fraction) : trailingZeros(low);
  return Math.max(exponent, 1) - 1075 + trailing;
}

function trailingZeros(word: number): number {
  return 31 - Math.clz32(word & -word);
}
