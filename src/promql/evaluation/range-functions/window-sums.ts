import type { StepFunction } from './range-function.js';
import type { SlidingWindow } from './sliding-window.js';

/**
 * Returns a function for the sum of each window, computed from prefix sums. Prefix sums are used only if they are exact, that
 * is, for whole numbers whose absolute values add up to less than 2^53. Any other sum depends on the order of addition, so
 * the difference of two prefix sums would not be the sum of the values between them.
 *
 * @returns null if the sums would not be exact
 */
export function exactSums(window: SlidingWindow): (() => number) | null {
  const { times, lastTimes, values, gridMs } = window.runs;
  const upTo = new Float64Array(values.length + 1);
  let size = 0;
  for (let run = 0; run < values.length; run++) {
    const value = values[run]!;
    if (!Number.isInteger(value)) {
      return null;
    }
    const points = gridMs === 0 ? 1 : (lastTimes[run]! - times[run]!) / gridMs + 1;
    // The last run can be infinite. No window has a run after it, so its weight does not matter.
    const weight = Number.isFinite(points) ? value * points : value;
    size += Math.abs(weight);
    upTo[run + 1] = upTo[run]! + weight;
  }
  if (!(size <= Number.MAX_SAFE_INTEGER)) {
    return null;
  }
  const sum: StepFunction = () => {
    const { from, to } = window;
    if (to - from === 1) {
      // Prometheus starts its sum at 0, so that the sum of a negative zero is 0. The sign would show after a division.
      return values[from]! * window.count + 0;
    }
    const edges = values[from]! * window.pointsInFirstRun + values[to - 1]! * window.pointsInLastRun;
    return edges + (upTo[to - 1]! - upTo[from + 1]!);
  };
  return sum as () => number;
}
