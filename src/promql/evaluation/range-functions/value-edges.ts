import { lastTime, timeOfStep, type TimeSteps } from '../time-steps.js';

/**
 * Maximum number of steps for which edges, the times at which the value of a counter matters, are listed. More steps are too
 * close together for sums to help, and a subquery can have billions of them.
 */
const MAX_STEPS = 25_000;

/**
 * Minimum share of the time that must be free of edges. With less, reading sums first and the other samples afterwards costs more
 * than it saves.
 */
const LEAST_FREE_SHARE = 1 / 4;

/** The options that determine at which times the held value of a counter matters. */
export interface EdgeOptions {
  /** The distance between two grid points in the held view. */
  readonly heldGridMs: number;
  readonly nowMs: number;
  /** The length of time that one stored sum covers; Infinity if there are no sums. */
  readonly summedSpanMs: number;
}

/** The times that a selector refers to at each step, and the length of time that it looks back from each. */
export interface SelectorTimes {
  readonly steps: TimeSteps;
  readonly toReference: (timeMs: number) => number;
  /** The range of a range selector, or null for an instant selector. */
  readonly rangeMs: number | null;
}

/**
 * Returns the times at which the held value of a counter that only rises affects the result of a selector: the step itself, or
 * for `rate` and `increase` the first and the last grid point of the window. The pushes between two of these times can be
 * replaced by one sum.
 *
 * @returns null if there are no sums, or too many steps for sums to help
 */
export function valueEdges(times: SelectorTimes, options: EdgeOptions): readonly number[] | null {
  const { steps, toReference, rangeMs } = times;
  if (options.summedSpanMs === Infinity || steps.count > MAX_STEPS) {
    return null;
  }
  const edges: number[] = [];
  for (let step = 0; step < steps.count; step++) {
    const endMs = toReference(timeOfStep(steps, step));
    if (rangeMs === null) {
      edges.push(endMs);
    } else {
      edges.push((Math.floor((endMs - rangeMs) / options.heldGridMs) + 1) * options.heldGridMs);
      edges.push(Math.floor(endMs / options.heldGridMs) * options.heldGridMs);
    }
    // With `@`, all steps refer to the same time.
    if (endMs === toReference(lastTime(steps))) {
      break;
    }
  }
  return edges;
}

/**
 * Converts edges to the form of a request.
 *
 * Edges beyond the last grid point that is not in the future are moved to that point: the grid ends there, and samples ahead of
 * the clock are single points that no sum covers. Edges are rounded down to whole milliseconds, because samples have such times.
 *
 * @param startMs the time at which reading begins
 * @returns the edges in ascending order and without duplicates; null if hardly any sum would lie between two of them
 */
export function edgesToTell(edges: readonly number[], startMs: number, options: EdgeOptions): Float64Array | null {
  const { heldGridMs, nowMs, summedSpanMs } = options;
  const lastMs = Math.floor(nowMs / heldGridMs) * heldGridMs;
  const ascending = Float64Array.from(new Set(edges.map((edge) => Math.floor(Math.min(edge, lastMs))))).toSorted();
  let freeMs = 0;
  let fromMs = startMs;
  for (const edge of ascending) {
    freeMs += Math.max(0, edge - fromMs - summedSpanMs);
    fromMs = edge;
  }
  return freeMs > 0 && freeMs >= (fromMs - startMs) * LEAST_FREE_SHARE ? ascending : null;
}
