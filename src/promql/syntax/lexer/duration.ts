import { quoteString } from './quoted-string.js';

const UNITS: readonly { readonly unit: string; readonly ms: bigint; readonly isOnlyExact: boolean }[] = [
  { unit: 'y', ms: 31_536_000_000n, isOnlyExact: true },
  { unit: 'w', ms: 604_800_000n, isOnlyExact: true },
  { unit: 'd', ms: 86_400_000n, isOnlyExact: false },
  { unit: 'h', ms: 3_600_000n, isOnlyExact: false },
  { unit: 'm', ms: 60_000n, isOnlyExact: false },
  { unit: 's', ms: 1000n, isOnlyExact: false },
  { unit: 'ms', ms: 1n, isOnlyExact: false },
];

/** The longest duration, about 292 years, because Prometheus stores durations as nanoseconds in 64 bits. */
const MAX_MS = 9_223_372_036_854n;

/** The longest duration that Prometheus can store, in seconds. */
export const MAX_DURATION_SECONDS = 9_223_372_036.854;

/** The error for a text that is not a duration. The message is the same as in Prometheus. */
export class InvalidDurationError extends Error {
  override readonly name = 'InvalidDurationError';
}

/**
 * Reads a duration in Prometheus' notation: whole numbers with units, from large to small (`1h30m`, `1y`, `500ms`), or
 * a bare `0`.
 *
 * @returns milliseconds.
 * @throws InvalidDurationError
 */
export function parseDuration(text: string): number {
  if (text === '0') return 0;
  if (text === '') throw new InvalidDurationError('empty duration string');
  const invalid = `not a valid duration string: ${quoteString(text)}`;
  if (!/^(?:\d+\D+)+$/.test(text)) throw new InvalidDurationError(invalid);

  let totalMs = 0n;
  let lastIndex = -1;
  for (const [, amount = '', unit = ''] of text.matchAll(/(\d+)(\D+)/gy)) {
    const index = UNITS.findIndex((known) => known.unit === unit);
    const known = UNITS[index];
    if (known === undefined) {
      throw new InvalidDurationError(`unknown unit ${quoteString(unit)} in duration ${quoteString(text)}`);
    }
    if (index <= lastIndex) throw new InvalidDurationError(invalid);
    lastIndex = index;
    // More than twenty digits exceed the limit in any unit, so such a number is refused before it is converted to a BigInt.
    if (amount.length > 20) throw new InvalidDurationError(invalid);
    totalMs += BigInt(amount) * known.ms;
    if (totalMs > MAX_MS) throw new InvalidDurationError('duration out of range');
  }
  return Number(totalMs);
}

/**
 * Formats a duration as Prometheus does, such as `1h30m` or `90d`. Years and weeks are used only if they divide it evenly.
 *
 * @param durationMs milliseconds; fractions are dropped.
 */
export function formatDuration(durationMs: number): string {
  let rest = BigInt(Math.trunc(Math.abs(durationMs)));
  if (rest === 0n) return '0s';
  let text = durationMs < 0 ? '-' : '';
  for (const { unit, ms, isOnlyExact } of UNITS) {
    if (isOnlyExact && rest % ms !== 0n) continue;
    if (rest >= ms) text += `${rest / ms}${unit}`;
    rest %= ms;
  }
  return text;
}
