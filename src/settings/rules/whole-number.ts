/**
 * Reads a whole number written in plain decimal digits.
 *
 * The rules are stricter than those of `Number()`, which also accepts `''`, `0x10`, `1e3` and `1.0`, because a port of `0x50`
 * is far more likely to be a mistake.
 *
 * @returns `undefined` for any other text, and for numbers that a double can't hold exactly.
 */
export function parseWholeNumber(text: string): number | undefined {
  if (!/^\d+$/.test(text)) return undefined;
  const value = Number(text);
  return Number.isSafeInteger(value) ? value : undefined;
}
