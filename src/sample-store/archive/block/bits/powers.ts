/**
 * The powers of ten that are exact as doubles. Dividing an integer by one of them rounds only once, so the result is the double
 * that is nearest to the decimal.
 */
export const POWERS_OF_TEN = Float64Array.of(
  1,
  1e1,
  1e2,
  1e3,
  1e4,
  1e5,
  1e6,
  1e7,
  1e8,
  1e9,
  1e10,
  1e11,
  1e12,
  1e13,
  1e14,
  1e15,
  1e16,
  1e17,
  1e18,
  1e19,
  1e20,
  1e21,
  1e22,
);

/** The exponents of the smallest and the largest power of two that is a double. */
export const LOWEST_POWER_OF_TWO = -1074;
export const HIGHEST_POWER_OF_TWO = 1023;

/**
 * Returns 2^exponent, for an integer from {@link LOWEST_POWER_OF_TWO} to {@link HIGHEST_POWER_OF_TWO}. The power is computed by
 * multiplication, because the language does not specify the result of `Math.pow` to the last bit.
 */
export function powerOfTwo(exponent: number): number {
  let power = 1;
  const factor = exponent < 0 ? 0.5 : 2;
  for (let left = Math.abs(exponent); left > 0; left--) power *= factor;
  return power;
}
