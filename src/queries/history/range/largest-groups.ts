import type { SeriesGroup } from '../aggregates/groups.js';
import type { GroupPoints } from './range-points.js';

/** The groups that become lines: the largest ones, and one group that combines all others. */
export interface LargestGroups {
  /**
   * The largest groups come first. If there are others, the last group has the series of all of them, in the order of their
   * ids.
   */
  readonly groups: readonly SeriesGroup[];
  /** The number of groups that the last one combines; 0 if every group has a line of its own. */
  readonly others: number;
}

/**
 * Keeps the largest groups and combines all others into one.
 *
 * @param totals the points of each group for one bucket, which covers the whole range. The point of the first aggregate
 *   determines how large a group is
 */
export function largestGroups(
  groups: readonly SeriesGroup[],
  totals: readonly GroupPoints[],
  lines: number,
): LargestGroups {
  const totalOf = (index: number) => {
    const total = totals[index]![0]![0] ?? NaN;
    return Number.isNaN(total) ? -Infinity : total;
  };
  // The totals are not subtracted, because the difference of two equal infinities is NaN.
  const order = [...groups.keys()].toSorted((a, b) =>
    totalOf(a) === totalOf(b) ? a - b : totalOf(b) > totalOf(a) ? 1 : -1,
  );
  const kept = order.slice(0, lines).map((index) => groups[index]!);
  const rest = order.slice(lines);
  if (rest.length === 0) return { groups: kept, others: 0 };
  const series = rest.flatMap((index) => groups[index]!.series).toSorted((a, b) => a.id - b.id);
  return { groups: [...kept, { series }], others: rest.length };
}
