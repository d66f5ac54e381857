import { parseWholeNumber } from './whole-number.js';

const UNIT_SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };

/**
 * Reads a duration like `90s`, `30m`, `24h` or `7d`: a whole number above 0 and one unit.
 *
 * The unit is mandatory, because `90` alone could mean seconds or minutes.
 *
 * @returns seconds, or `undefined` if the text is not such a duration.
 */
export function parseDuration(text: string): number | undefined {
  const [, amountText = '', unit = ''] = /^(\d+)([smhd])$/.exec(text) ?? [];
  const amount = parseWholeNumber(amountText);
  const unitSeconds = UNIT_SECONDS[unit];
  if (amount === undefined || amount === 0 || unitSeconds === undefined) return undefined;
  const seconds = amount * unitSeconds;
  return Number.isSafeInteger(seconds) ? seconds : undefined;
}
