import { lastTime, timeOfStep, type TimeSteps } from '../time-steps.js';

/** More times than this are too close together for sums to help; a subquery may have billions. */
const MAX_STEPS = 25_000;

/** With a smaller share of time free of edges, reading sums and then chunks costs more than it saves. */
const LEAST_FREE_SHARE = 1 / 4;

/** The options that determine at which times the held value of a counter matters. */
export interface EdgeOptions {
  /** The grid of every counter in the held view. */
  readonly heldGridMs: number;
  readonly nowMs: number;
  /** The length of time that one stored sum covers; Infinity if there are no sums. */
  readonly summedSpanMs: number;
}

/** The times that a selector refers to, step by step, and how far it looks back from each. */
export interface SelectorTimes {
  readonly steps: TimeSteps;
  readonly toReference: (timeMs: number) => number;
  /** The range of a range selector; null for an instant selector. */
  readonly rangeMs: number | null;
}

/**
 * Returns the times at which the held value of a counter that only rises affects the result of a selector: the step itself, or
 * for `rate` and `increase` the first and the last grid point of the window. The pushes between two of these times may be
 * replaced by one sum.
 *
 * @returns null where there are too many of them to be useful
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
    // The times are pinned by `@`.
    if (endMs === toReference(lastTime(steps))) {
      break;
    }
  }
  return edges;
}

/**
 * Converts edges to the form of a request.
 *
 * The grid ends at the current time, so the last point before it is the last one of any window that extends further. Samples
 * ahead of the clock are single points that no sum covers. Samples have times in whole milliseconds, and so have edges.
 *
 * @param startMs where reading begins
 * @returns ascending and without duplicates; null where hardly any sum would lie between two of them
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
