const MINUS = 0x2d;
const DOT = 0x2e;
const ZERO = 0x30;
const NINE = 0x39;
const NUMBER_PART = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?$/;

/** Powers of ten that a double holds exactly. */
const POWERS_OF_TEN = Array.from({ length: 23 }, (_, exponent) => 10 ** exponent);

/** An integer with at most this number of digits is always smaller than 2^53. */
const EXACT_DIGITS = 15;

/**
 * Reads a JSON number from bytes, with the same result as `JSON.parse`.
 *
 * A mantissa below 2^53 divided by an exact power of ten is rounded only once, and therefore correctly (Clinger, How to Read
 * Floating Point Numbers Accurately, 1990). Longer numbers and numbers with an exponent are left to `Number()`.
 *
 * @param end the end of the number, exclusive
 * @returns NaN if the bytes are not a JSON number
 */
export function readJsonNumber(bytes: Buffer, start: number, end: number): number {
  let position = start;
  const isNegative = bytes[position] === MINUS;
  if (isNegative) position++;
  const firstDigit = position;
  let mantissa = 0;
  let digits = 0;
  let decimals = -1;
  for (; position < end; position++) {
    const byte = bytes[position]!;
    if (byte >= ZERO && byte <= NINE) {
      mantissa = mantissa * 10 + (byte - ZERO);
      digits++;
      if (decimals >= 0) decimals++;
    } else if (byte === DOT && decimals < 0 && digits > 0) {
      decimals = 0;
    } else {
      return readSlowly(bytes, start, end);
    }
  }
  const hasLeadingZero = bytes[firstDigit] === ZERO && digits > 1 && bytes[firstDigit + 1] !== DOT;
  if (digits === 0 || digits > EXACT_DIGITS || decimals === 0 || hasLeadingZero) return readSlowly(bytes, start, end);
  const value = decimals > 0 ? mantissa / POWERS_OF_TEN[decimals]! : mantissa;
  return isNegative ? -value : value;
}

function readSlowly(bytes: Buffer, start: number, end: number): number {
  const text = bytes.toString('latin1', start, end);
  return NUMBER_PART.test(text) ? Number(text) : NaN;
}
