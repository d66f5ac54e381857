import { CompensatedSum } from '../compensated-sum.js';
import { PromqlExecutionError } from '../errors.js';
import type { RangeFunction } from './range-function.js';
import type { WindowPoints } from './sliding-window.js';

export const deriv: RangeFunction = (window) => () => {
  if (window.count < 2) {
    return undefined;
  }
  // Times relative to the samples keep the digits that times relative to the epoch would lose.
  return linearRegression(window.points(), window.firstTimeMs).slope;
};

export const predictLinear: RangeFunction = (window, { parameters }) => {
  const [seconds] = parameters;
  return (step) => {
    if (window.count < 2) {
      return undefined;
    }
    const { slope, intercept } = linearRegression(window.points(), window.evaluationMs);
    return slope * seconds![step]! + intercept;
  };
};

/** Fits a line by least squares. The slope is per second; the intercept is the value of the line at `interceptMs`. */
function linearRegression(
  { times, values, from, to }: WindowPoints,
  interceptMs: number,
): { slope: number; intercept: number } {
  const count = to - from;
  const first = values[from]!;
  let isConstant = true;
  const sumX = new CompensatedSum();
  const sumY = new CompensatedSum();
  const sumXY = new CompensatedSum();
  const sumX2 = new CompensatedSum();
  for (let point = from; point < to; point++) {
    const x = (times[point]! - interceptMs) / 1000;
    const y = values[point]!;
    isConstant &&= y === first || point === from;
    sumX.add(x);
    sumY.add(y);
    sumXY.add(x * y);
    sumX2.add(x * x);
  }
  if (isConstant) {
    const isInfinite = first === Infinity || first === -Infinity;
    return isInfinite ? { slope: NaN, intercept: NaN } : { slope: 0, intercept: first };
  }
  const x = sumX.total;
  const y = sumY.total;
  const slope = (sumXY.total - (x * y) / count) / (sumX2.total - (x * x) / count);
  return { slope, intercept: y / count - (slope * x) / count };
}

/** Computes Holt's smoothing: a level and a trend, each a weighted mean of the new and the old value. */
export const doubleExponentialSmoothing: RangeFunction = (window, { parameters }) => {
  const [smoothing, trends] = parameters;
  return (step) => {
    const smoothingFactor = smoothing![step]!;
    const trendFactor = trends![step]!;
    checkFactor('smoothing', 'sf', smoothingFactor);
    checkFactor('trend', 'tf', trendFactor);
    if (window.count < 2) {
      return undefined;
    }
    const { values, from, to } = window.points();
    let level = values[from]!;
    let trend = values[from + 1]! - level;
    let before = 0;
    for (let point = from + 1; point < to; point++) {
      if (point > from + 1) {
        trend = trendFactor * (level - before) + (1 - trendFactor) * trend;
      }
      before = level;
      level = smoothingFactor * values[point]! + (1 - smoothingFactor) * (level + trend);
    }
    return level;
  };
};

function checkFactor(name: string, short: string, factor: number): void {
  if (factor <= 0 || factor >= 1) {
    throw new PromqlExecutionError(
      `invalid ${name} factor. Expected: 0 < ${short} < 1, got: ${Number.isFinite(factor) ? factor.toFixed(6) : factor}`,
    );
  }
}
