/** Maximum length of a decimal number. Writing a double exactly takes at most 1,074 digits after the point. */
export const MAX_NUMBER_CHARACTERS = 1_100;

/**
 * Matches a decimal number. No two parts of the pattern match the same digits. With `\d+\.?\d*`, a text of 100,000 digits that
 * ends in a letter took seconds.
 */
const DECIMAL = /^[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?$/;
const WHOLE = /^[-+]?\d+$/;
const UNSIGNED_WHOLE = /^\d+$/;
const INFINITE = /^([-+]?)inf(?:inity)?$/i;
const NOT_A_NUMBER = /^[-+]?nan$/i;

/**
 * Reads a decimal number such as `-1.5e3`, `.5` or `1.`. Spaces, hexadecimal digits, `Inf` and `NaN` are not accepted.
 *
 * @returns undefined for any other text; an infinite number for one that is too large for a double
 */
export function parseDecimal(text: string): number | undefined {
  return text.length <= MAX_NUMBER_CHARACTERS && DECIMAL.test(text) ? Number(text) : undefined;
}

/**
 * Reads a decimal number, or `Inf`, `+Inf`, `-Inf`, `Infinity` or `NaN` in any case, as Prometheus' text format writes values.
 */
export function parsePrometheusNumber(text: string): number | undefined {
  const decimal = parseDecimal(text);
  if (decimal !== undefined || text.length > MAX_NUMBER_CHARACTERS) return decimal;
  const infinity = INFINITE.exec(text);
  if (infinity !== null) return infinity[1] === '-' ? -Infinity : Infinity;
  return NOT_A_NUMBER.test(text) ? NaN : undefined;
}

/** Reads an integer with or without a sign. Beyond 2^53 the result is the nearest double. */
export function parseSignedWhole(text: string): number | undefined {
  return text.length <= MAX_NUMBER_CHARACTERS && WHOLE.test(text) ? Number(text) : undefined;
}

/** Reads an integer without a sign. Beyond 2^53 the result is the nearest double. */
export function parseUnsignedWhole(text: string): number | undefined {
  return text.length <= MAX_NUMBER_CHARACTERS && UNSIGNED_WHOLE.test(text) ? Number(text) : undefined;
}

/** The length of the longest 64-bit integer, including its sign. */
const MAX_INT64_CHARACTERS = 20;
const INT64 = /^-?\d+$/;

/**
 * Reads a 64-bit integer as protobuf's JSON form writes it, without losing digits. The length is limited, but the range is not
 * checked.
 */
export function parseInt64(text: string): bigint | undefined {
  return text.length <= MAX_INT64_CHARACTERS && INT64.test(text) ? BigInt(text) : undefined;
}
