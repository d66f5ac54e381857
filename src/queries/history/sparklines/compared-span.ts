import type { Grid } from '../range/grid.js';
import type { TimeRange } from '../time-range.js';

/** A range and the period before it, split into points of equal length. */
export interface ComparedSpan {
  /** Both periods together. */
  readonly range: TimeRange;
  readonly grid: Grid;
  /** The number of points of the range. */
  readonly points: number;
  /** The index of the first point of the range; those before it belong to the period before. */
  readonly firstNow: number;
}

/**
 * Splits a range and the period before it. If retention has dropped a part of the period before, each of its points covers less
 * time; if it has dropped everything, the period has no points.
 *
 * @param points the number of points of each period; a period with fewer milliseconds gets one point for each millisecond
 */
export function comparedSpan(range: TimeRange, before: TimeRange, points: number): ComparedSpan {
  const now = edgesOf(range, points);
  const past = edgesOf(before, points);
  const edges = Float64Array.from([...past.slice(0, -1), ...now]);
  return {
    range: { from: Math.min(before.from, range.from), to: range.to },
    grid: { edges, count: edges.length - 1, stepMs: undefined },
    points: now.length - 1,
    firstNow: Math.max(past.length - 1, 0),
  };
}

/** Returns the boundaries of the points of a range, which are whole milliseconds. */
function edgesOf({ from, to }: TimeRange, points: number): number[] {
  const count = Math.min(points, Math.floor(to - from));
  if (count < 1) return from < to ? [from, to] : [from];
  return Array.from({ length: count + 1 }, (_, index) => from + Math.round((index * (to - from)) / count));
}
