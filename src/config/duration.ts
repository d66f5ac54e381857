import { parseWholeNumber } from './whole-number.js';

const UNIT_MS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/**
 * Reads a duration like `90s`, `30m`, `24h` or `7d`: a whole number above 0 and one unit.
 *
 * The unit is obligatory, because a bare `90` reads as seconds to one operator and as minutes to the next.
 *
 * @returns milliseconds, or `undefined` when the text is no such duration.
 */
export function parseDuration(text: string): number | undefined {
  const [, amountText = '', unit = ''] = /^(\d+)([smhd])$/.exec(text) ?? [];
  const amount = parseWholeNumber(amountText);
  const unitMs = UNIT_MS[unit];
  if (amount === undefined || amount === 0 || unitMs === undefined) return undefined;
  const durationMs = amount * unitMs;
  return Number.isSafeInteger(durationMs) ? durationMs : undefined;
}
