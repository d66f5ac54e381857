import { lastTime, timeOfStep, type TimeSteps } from '../time-steps.js';

/** More times than this are never far enough apart; a subquery may have billions. */
const MAX_STEPS = 25_000;

/** Below it, looking at chunks twice costs more than it saves. */
const LEAST_FREE_SHARE = 1 / 4;

/** What decides at which times the held value of a counter matters. */
export interface EdgeOptions {
  /** Of every counter in the held view. */
  readonly heldGridMs: number;
  readonly nowMs: number;
  /** How long a stretch the store has a sum for; Infinity: it has none. */
  readonly summedSpanMs: number;
}

/** Times that a selector looks at, step by step, and how far back from each. */
export interface SelectorTimes {
  readonly steps: TimeSteps;
  readonly toReference: (timeMs: number) => number;
  /** Of a range selector; null of an instant one. */
  readonly rangeMs: number | null;
}

/**
 * The times at which the held value of a counter that only rises decides what a selector gives: the step itself, or of the
 * window of `rate` and `increase` the first and the last point of the grid. What is pushed between two of these times may
 * come as one sum.
 *
 * @returns null where there are too many to be worth it
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
    // Pinned by `@`.
    if (endMs === toReference(lastTime(steps))) {
      break;
    }
  }
  return edges;
}

/**
 * Edges as a request tells them.
 *
 * The grid ends at the clock, so the last point before it is the last of any window that reaches beyond; samples that are
 * ahead of the clock are single points, and no sum stands for them. Samples have whole milliseconds, and so have edges.
 *
 * @param startMs where reading begins
 * @returns ascending, each once; null where hardly any sum would lie between two of them
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
