import { parseWholeNumber } from './whole-number.js';

const UNIT_BYTES: Readonly<Record<string, number>> = { '': 1, KiB: 1024, MiB: 1024 ** 2, GiB: 1024 ** 3 };

/**
 * Reads a size in bytes: `5242880`, `512KiB`, `5MiB`, `1GiB`.
 *
 * `5MB` is refused, because it means 5,000,000 bytes in some tools and 5,242,880 in others, and a limit should be unambiguous.
 *
 * @returns bytes, or `undefined` if the text is not such a size.
 */
export function parseByteSize(text: string): number | undefined {
  const [, amountText = '', unit = ''] = /^(\d+)(KiB|MiB|GiB)?$/.exec(text) ?? [];
  const amount = parseWholeNumber(amountText);
  const unitBytes = UNIT_BYTES[unit];
  if (amount === undefined || unitBytes === undefined) return undefined;
  const bytes = amount * unitBytes;
  return Number.isSafeInteger(bytes) ? bytes : undefined;
}
