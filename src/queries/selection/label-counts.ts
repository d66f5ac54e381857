import { forEachLabelIn } from '../../catalog/series/label-set.js';
import type { Series } from '../../catalog/series/series.js';
import { Turns } from '../../scheduling/turns.js';

/** Number of series between two checks of the clock. */
const SERIES_PER_TURN = 256;

/** The number of series with each value of each label: label name → value → number of series. */
export type LabelCounts = ReadonlyMap<string, ReadonlyMap<string, number>>;

/**
 * Counts how many of the given series have each value of each label.
 *
 * @param signal ends the work when the client no longer waits for it
 */
export async function countLabels(series: Iterable<Series>, signal?: AbortSignal): Promise<LabelCounts> {
  const turns = new Turns();
  const counts = new Map<string, Map<string, number>>();
  let looked = 0;
  for (const { labelsText } of series) {
    forEachLabelIn(labelsText, (name, value) => {
      let values = counts.get(name);
      if (values === undefined) counts.set(name, (values = new Map()));
      values.set(value, (values.get(value) ?? 0) + 1);
    });
    if (++looked % SERIES_PER_TURN === 0 && turns.isUp) {
      await turns.give();
      signal?.throwIfAborted();
    }
  }
  return counts;
}
