/**
 * Reads a whole number written in plain decimal digits.
 *
 * It is stricter than `Number()`, which also accepts `''`, `0x10`, `1e3` and `1.0`, because a port of `0x50` is far more likely a
 * mistake than intended.
 *
 * @returns `undefined` for anything else, and for numbers that a double can't hold exactly.
 */
export function parseWholeNumber(text: string): number | undefined {
  if (!/^\d+$/.test(text)) return undefined;
  const value = Number(text);
  return Number.isSafeInteger(value) ? value : undefined;
}
