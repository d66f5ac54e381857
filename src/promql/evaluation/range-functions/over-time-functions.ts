import { CompensatedMean, CompensatedSum } from '../compensated-sum.js';
import { messageText } from '../result/go-number.js';
import { isQuantile, quantile } from '../aggregation/quantile.js';
import type { RangeFunction, StepFunction } from './range-function.js';
import type { SlidingWindow, WindowPoints } from './sliding-window.js';
import { SortedWindow } from './sorted-window.js';
import { exactSums } from './window-sums.js';

export const countOverTime: RangeFunction = (window) => () => window.count;
export const presentOverTime: RangeFunction = () => () => 1;
export const firstOverTime: RangeFunction = (window) => () => window.firstValue;
export const lastOverTime: RangeFunction = (window) => () => window.lastValue;
export const tsOfFirstOverTime: RangeFunction = (window) => () => window.firstTimeMs / 1000;
export const tsOfLastOverTime: RangeFunction = (window) => () => window.lastTimeMs / 1000;

export const sumOverTime: RangeFunction = (window) => exactSums(window) ?? (() => sumOf(window));

export const avgOverTime: RangeFunction = (window) => {
  const exact = exactSums(window);
  if (exact !== null) {
    return () => exact() / window.count;
  }
  return () => (window.runs.gridMs > 0 ? sumOf(window) / window.count : meanOf(window.points()));
};

/** Returns the sum of a window. Each run of equal values is added in one operation. */
function sumOf(window: SlidingWindow): number {
  const { values } = window.runs;
  const sum = new CompensatedSum();
  window.countWork();
  for (let run = window.from; run < window.to; run++) {
    sum.add(values[run]! * window.pointsInRun(run));
  }
  return Number.isFinite(sum.sum) ? sum.total : sum.sum;
}

function meanOf({ values, from, to }: WindowPoints): number {
  const mean = new CompensatedMean();
  for (let point = from; point < to; point++) {
    mean.add(values[point]!);
  }
  return mean.mean;
}

export const maxOverTime: RangeFunction = (window) => extreme(window, (value, other) => value > other);
export const minOverTime: RangeFunction = (window) => extreme(window, (value, other) => value < other);

/**
 * Finds the extreme of each window. The candidates are the runs that can still become an extreme, with the best first. A run is
 * dropped as soon as a better one comes after it. NaN counts only if there is no other value.
 */
function extreme(window: SlidingWindow, isBetter: (value: number, other: number) => boolean): StepFunction {
  const { values } = window.runs;
  const candidates = new Int32Array(values.length);
  let head = 0;
  let tail = 0;
  let seen = 0;
  return () => {
    for (seen = Math.max(seen, window.from); seen < window.to; seen++) {
      const value = values[seen]!;
      if (!Number.isNaN(value)) {
        while (tail > head && isBetter(value, values[candidates[tail - 1]!]!)) {
          tail--;
        }
        candidates[tail++] = seen;
      }
    }
    while (head < tail && candidates[head]! < window.from) {
      head++;
    }
    return head < tail ? values[candidates[head]!]! : NaN;
  };
}

export const tsOfMaxOverTime: RangeFunction = (window) => () =>
  timeOfExtreme(window.points(), (value, best) => value >= best);

export const tsOfMinOverTime: RangeFunction = (window) => () =>
  timeOfExtreme(window.points(), (value, best) => value <= best);

/** Returns the last time, in seconds, at which the window has its extreme value. */
function timeOfExtreme(
  { times, values, from, to }: WindowPoints,
  isAsGood: (value: number, best: number) => boolean,
): number {
  let best = from;
  for (let point = from; point < to; point++) {
    if (isAsGood(values[point]!, values[best]!) || Number.isNaN(values[best]!)) {
      best = point;
    }
  }
  return times[best]! / 1000;
}

export const resets: RangeFunction = (window) => countTransitions(window, (value, before) => value < before);

export const changes: RangeFunction = (window) =>
  countTransitions(window, (value, before) => value !== before && !(Number.isNaN(value) && Number.isNaN(before)));

function countTransitions(window: SlidingWindow, counts: (value: number, before: number) => boolean): StepFunction {
  const { values } = window.runs;
  const upTo = new Int32Array(values.length);
  for (let run = 1; run < values.length; run++) {
    upTo[run] = upTo[run - 1]! + (counts(values[run]!, values[run - 1]!) ? 1 : 0);
  }
  return () => upTo[window.to - 1]! - upTo[window.from]!;
}

export const stdvarOverTime: RangeFunction = (window) => () => varianceOf(window.points());
export const stddevOverTime: RangeFunction = (window) => () => Math.sqrt(varianceOf(window.points()));

/** Computes the variance with Welford's method. Each of its two running values has its own correction. */
function varianceOf({ values, from, to }: WindowPoints): number {
  const mean = new CompensatedSum();
  const squares = new CompensatedSum();
  for (let point = from; point < to; point++) {
    const value = values[point]!;
    const difference = value - mean.total;
    mean.add(difference / (point - from + 1));
    squares.add(difference * (value - mean.total));
  }
  return squares.total / (to - from);
}

export const quantileOverTime: RangeFunction = (window, { parameters, annotations, position }) => {
  const [quantiles] = parameters;
  const sorted = new SortedWindow(window);
  return (step) => {
    const q = quantiles![step]!;
    if (!isQuantile(q)) {
      annotations.warn(`quantile value should be between 0 and 1, got ${messageText(q)}`, position);
    }
    return sorted.quantile(q);
  };
};

/** Returns the median of the distances of the values from their median. */
export const madOverTime: RangeFunction = (window) => () => {
  const points = window.points();
  const values = points.values.slice(points.from, points.to);
  if (values.some((value) => Number.isNaN(value))) {
    return NaN;
  }
  const median = quantile(0.5, values);
  return quantile(
    0.5,
    values.map((value) => Math.abs(value - median)),
  );
};
