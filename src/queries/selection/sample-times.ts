import { FUTURE_TOLERANCE_MS } from '../../database/future-tolerance.js';
import { DAY_MS } from '../../scheduling/units-of-time.js';

/**
 * Returns the earliest and the latest time that samples can have, both inclusive, in milliseconds since the epoch. Queries limit
 * their ranges to these times, so that no request can make the store search an endless empty range.
 *
 * @param now the current time by the database's clock
 */
export function sampleTimes(
  now: number,
  retentionDays: number,
): { readonly earliest: number; readonly latest: number } {
  return { earliest: now - (retentionDays + 1) * DAY_MS, latest: now + FUTURE_TOLERANCE_MS };
}
