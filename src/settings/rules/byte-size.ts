import { parseWholeNumber } from './whole-number.js';

const UNIT_BYTES: Readonly<Record<string, number>> = { '': 1, KiB: 1024, MiB: 1024 ** 2, GiB: 1024 ** 3 };

/**
 * Reads a size in bytes: `5242880`, `512KiB`, `5MiB`, `1GiB`.
 *
 * `5MB` is refused: it is 5,000,000 bytes to some tools and 5,242,880 to others, and a limit should not be a guess.
 *
 * @returns bytes, or `undefined` when the text is no such size.
 */
export function parseByteSize(text: string): number | undefined {
  const [, amountText = '', unit = ''] = /^(\d+)(KiB|MiB|GiB)?$/.exec(text) ?? [];
  const amount = parseWholeNumber(amountText);
  const unitBytes = UNIT_BYTES[unit];
  if (amount === undefined || unitBytes === undefined) return undefined;
  const bytes = amount * unitBytes;
  return Number.isSafeInteger(bytes) ? bytes : undefined;
}
