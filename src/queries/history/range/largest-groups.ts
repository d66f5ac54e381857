import type { SeriesGroup } from '../aggregates/groups.js';
import type { GroupPoints } from './range-points.js';

/** The groups that become lines: the largest ones, and groups that combine all others. */
export interface LargestGroups {
  /** The groups of the largest lines, in descending order of the lines' sizes, and then the groups that combine all others. */
  readonly groups: readonly SeriesGroup[];
  /** The number of lines that the last groups combine; 0 if no lines were combined. */
  readonly others: number;
  /** The index of the first group that combines others; the number of groups if there is none. */
  readonly othersFrom: number;
}

/**
 * The place of a group among the lines of an answer. The groups of one line, such as the buckets of a histogram, are kept or left
 * out together. Of the lines that are left out, the groups with the same part are combined.
 */
export interface LinePlace {
  readonly line: string;
  readonly part: string;
}

/**
 * Keeps the largest lines and combines all others. The size of a line is the largest total of its groups. For a histogram, this
 * is the total of the bucket that counts all observations.
 *
 * @param totals the points of each group for one bucket, which covers the whole range. The point of the first aggregate
 *   determines how large a group is
 * @param places the place of each group; by default each group is a separate line
 */
export function largestGroups(
  groups: readonly SeriesGroup[],
  totals: readonly GroupPoints[],
  lines: number,
  places?: readonly LinePlace[],
): LargestGroups {
  const found = new Map<string, { readonly members: number[]; total: number }>();
  for (const index of groups.keys()) {
    const key = places?.[index]!.line ?? String(index);
    const line = found.get(key) ?? { members: [], total: -Infinity };
    line.members.push(index);
    line.total = Math.max(line.total, totalOf(totals[index]!));
    found.set(key, line);
  }
  // Totals are not subtracted, because the difference of two equal infinities is NaN. Lines with equal totals keep their order.
  const order = [...found.values()].toSorted((a, b) => (a.total === b.total ? 0 : b.total > a.total ? 1 : -1));
  const kept = order.slice(0, lines).flatMap(({ members }) => members.map((index) => groups[index]!));
  const rest = order.slice(lines);
  const parts = new Map<string, SeriesGroup['series'][number][]>();
  for (const index of rest.flatMap(({ members }) => members)) {
    const part = places?.[index]!.part ?? '';
    const series = parts.get(part) ?? [];
    for (const each of groups[index]!.series) series.push(each);
    parts.set(part, series);
  }
  const combined = [...parts.values()].map((series) => ({ series: series.toSorted((a, b) => a.id - b.id) }));
  return { groups: [...kept, ...combined], others: rest.length, othersFrom: kept.length };
}

function totalOf(points: GroupPoints): number {
  const total = points[0]![0] ?? NaN;
  return Number.isNaN(total) ? -Infinity : total;
}
