/**
 * Reads a whole number written in plain decimal digits.
 *
 * Stricter than `Number()`, which also takes `''`, `0x10`, `1e3` and `1.0`: a port of `0x50` is far more likely a
 * mistake than a wish.
 *
 * @returns `undefined` for anything else, and for numbers a double can't hold exactly.
 */
export function parseWholeNumber(text: string): number | undefined {
  if (!/^\d+$/.test(text)) return undefined;
  const value = Number(text);
  return Number.isSafeInteger(value) ? value : undefined;
}
