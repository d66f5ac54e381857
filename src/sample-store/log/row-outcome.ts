import { isOutage, isOutcomeUnknown } from '../../database/outage.js';
import type { RowFate } from './sample-batch.repository.js';

/**
 * Finds out what became of a row whose first try has not been answered yet. Two sources know it, and the first one that does is
 * taken: the settlement over another connection, and the late answer to the try itself. A lock that is in the way of both ends in
 * an error of the try, which says for certain that nothing was stored.
 *
 * @param firstTry the only try under the key of the row; undefined if there were more, or it has failed
 * @returns null if the row now never will be committed
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
