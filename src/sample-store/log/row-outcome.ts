import { isOutage, isOutcomeUnknown } from '../../database/outage.js';
import type { RowFate } from './sample-batch.repository.js';

/**
 * Finds out whether a row was committed, although the first attempt has not been answered. The result is the settlement over
 * another connection or the late answer to the attempt itself, whichever comes first. If a lock blocks both, the attempt ends
 * with a timeout error from Postgres, which proves that nothing was stored.
 *
 * @param firstTry the only attempt under the key of the row; undefined if there were several, or if it has failed
 * @returns null if the row is not committed and never will be
 */
export async function outcomeOf(
  settlement: Promise<RowFate | null>,
  firstTry: Promise<RowFate> | undefined,
): Promise<RowFate | null> {
  if (firstTry === undefined) return settlement;
  const lateAnswer = firstTry.catch((error: unknown) => {
    if (isOutage(error) && isOutcomeUnknown(error)) throw error;
    return null;
  });
  try {
    return await Promise.any([settlement, lateAnswer]);
  } catch {
    return settlement;
  }
}
