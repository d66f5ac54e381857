import type { Heatmap } from '../chart/model.js';

/** The counts of a histogram at one time: how many observations are at most as large as each bound. */
export interface BucketCounts {
  /** The upper bounds of the buckets in ascending order. The last one is infinite. */
  bounds: readonly number[];
  /** The number of observations up to each bound. */
  upTo: readonly number[];
}

/**
 * Reads the upper bound of a bucket from its label `le`, which is `+Inf` for the last bucket. Returns NaN if the label is not a
 * number.
 */
export function boundOf(le: string): number {
  return /^\+?inf(?:inity)?$/i.test(le) ? Infinity : le.trim() === '' ? Number.NaN : Number(le);
}

/**
 * Returns the value below which the given fraction of the observations lies, interpolated within its bucket as PromQL's
 * `histogram_quantile` does. Returns null if there are no observations, or if the infinite bucket is missing or the only one.
 */
export function quantile(share: number, { bounds, upTo }: BucketCounts): number | null {
  const last = bounds.length - 1;
  const counts = ascending(upTo);
  const total = counts[last] ?? 0;
  if (last < 1 || bounds[last] !== Infinity || !(total > 0)) return null;
  const rank = share * total;
  let row = 0;
  while (row < last && counts[row]! < rank) row += 1;
  if (row === last) return bounds[last - 1]!;
  const upper = bounds[row]!;
  if (row === 0 && upper <= 0) return upper;
  const lower = row === 0 ? 0 : bounds[row - 1]!;
  const before = row === 0 ? 0 : counts[row - 1]!;
  const within = counts[row]! - before;
  return within > 0 ? lower + (upper - lower) * ((rank - before) / within) : upper;
}

/**
 * Raises each count to at least the previous one. A bucket that was pushed before the one below it may lack some observations.
 */
function ascending(upTo: readonly number[]): number[] {
  let most = 0;
  return upTo.map((count) => (most = Math.max(most, count)));
}

/** Returns the number of observations in each bucket, which is the difference between neighbouring counts. */
export function cellsOf(upTo: readonly number[]): number[] {
  const counts = ascending(upTo);
  return counts.map((count, row) => count - (counts[row - 1] ?? 0));
}

/**
 * Returns the heatmap of a histogram over time. Of the rows at each end that are always empty, only the innermost one is kept.
 */
export function heatmapOf(bounds: readonly number[], upToOverTime: readonly (readonly number[])[]): Heatmap {
  const counts = upToOverTime.map(cellsOf);
  const isUsed = bounds.map((_, row) => counts.some((cells) => cells[row]! > 0));
  const first = Math.max(0, isUsed.indexOf(true) - 1);
  const last = Math.min(bounds.length - 1, Math.max(isUsed.lastIndexOf(true) + 1, first));
  // The last row has no upper end, so it is shown only if it contains observations.
  const end = last === bounds.length - 1 && !isUsed[last] ? last : last + 1;
  return {
    bounds: bounds.slice(first, end),
    floor: first === 0 ? Math.min(0, bounds[0] ?? 0) : bounds[first - 1]!,
    counts: counts.map((cells) => cells.slice(first, end)),
  };
}

/** Returns the position of a value on the axis of a heatmap, whose rows all have the same height. */
export function rowOf(value: number, { bounds, floor }: Heatmap): number {
  let lower = floor;
  for (const [row, upper] of bounds.entries()) {
    if (value <= upper) return upper === Infinity ? row + 0.5 : row + Math.max(0, (value - lower) / (upper - lower));
    lower = upper;
  }
  return bounds.length;
}
