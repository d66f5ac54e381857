import type { QueryBudget } from '../query-budget.js';
import type { Column } from '../series/column.js';
import type { CreateFold } from './group-fold.js';
import type { SeriesGroup } from './grouping.js';
import { quantile } from './quantile.js';

/** Combines a group of series into one by adding its members to a fold one after another. */
export function foldGroup(
  { labels, members }: SeriesGroup,
  createFold: CreateFold,
  steps: number,
  budget: QueryBudget,
): Column {
  budget.take(steps);
  budget.work(members.length * steps);
  const fold = createFold(steps);
  for (const member of members) {
    fold.add(member);
  }
  return { labels, dropsName: members.some(({ dropsName }) => dropsName), ...fold.result() };
}

/**
 * Returns a quantile of a group. A fold can't compute it, because all values of a step are needed together.
 *
 * @param quantiles one quantile for each step
 */
export function quantileOfGroup(
  { labels, members }: SeriesGroup,
  quantiles: Float64Array,
  budget: QueryBudget,
): Column {
  const steps = quantiles.length;
  budget.take(steps);
  const values = new Float64Array(steps);
  const present = new Uint8Array(steps);
  const gathered = new Float64Array(members.length);
  for (let step = 0; step < steps; step++) {
    let count = 0;
    budget.work(members.length);
    for (const member of members) {
      if (member.present[step] === 1) {
        gathered[count++] = member.values[step]!;
      }
    }
    if (count > 0) {
      values[step] = quantile(quantiles[step]!, gathered.subarray(0, count));
      present[step] = 1;
    }
  }
  return { labels, dropsName: members.some(({ dropsName }) => dropsName), values, present };
}
