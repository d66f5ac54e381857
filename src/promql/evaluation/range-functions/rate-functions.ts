import type { RangeFunction, StepFunction } from './range-function.js';
import type { SlidingWindow } from './sliding-window.js';

interface RateKind {
  readonly isCounter: boolean;
  readonly isPerSecond: boolean;
}

export const rate: RangeFunction = (window) => extrapolated(window, { isCounter: true, isPerSecond: true });
export const increase: RangeFunction = (window) => extrapolated(window, { isCounter: true, isPerSecond: false });
export const delta: RangeFunction = (window) => extrapolated(window, { isCounter: false, isPerSecond: false });
export const irate: RangeFunction = (window) => () => lastChange(window, true);
export const idelta: RangeFunction = (window) => () => lastChange(window, false);

/** Maximum gap at the edge of the window, in mean sample intervals, over which the series is extrapolated to the edge. */
const EDGE_TOLERANCE = 1.1;

function extrapolated(window: SlidingWindow, { isCounter, isPerSecond }: RateKind): StepFunction {
  const lostByResets = isCounter ? resetTracker(window) : () => 0;
  return () => {
    const intervals = window.count - 1;
    if (intervals < 1) {
      return undefined;
    }
    const { firstTimeMs, lastTimeMs, firstValue } = window;
    const change = window.lastValue - firstValue + lostByResets();
    const sampledSeconds = (lastTimeMs - firstTimeMs) / 1000;
    const meanSeconds = sampledSeconds / intervals;
    let beforeSeconds = edge((firstTimeMs - window.startMs) / 1000, meanSeconds);
    if (isCounter && change > 0 && firstValue >= 0) {
      // A counter is never below zero, so it cannot have begun before the time at which the extrapolated line is zero.
      beforeSeconds = Math.min(beforeSeconds, sampledSeconds * (firstValue / change));
    }
    const afterSeconds = edge((window.endMs - lastTimeMs) / 1000, meanSeconds);
    let factor = sampledSeconds === 0 ? 1 : (sampledSeconds + beforeSeconds + afterSeconds) / sampledSeconds;
    if (isPerSecond) {
      factor /= (window.endMs - window.startMs) / 1000;
    }
    return change * factor;
  };
}

/** Returns the number of seconds by which the samples are extrapolated towards an edge of the window. */
function edge(gapSeconds: number, meanSeconds: number): number {
  return gapSeconds >= meanSeconds * EDGE_TOLERANCE ? meanSeconds / 2 : gapSeconds;
}

/**
 * Returns a function that computes the sum of a counter's last values before each reset in the window. The resets of the whole
 * series are found once, and each window then adds up only those in it.
 */
function resetTracker(window: SlidingWindow): () => number {
  const { values } = window.runs;
  const resets: number[] = [];
  for (let run = 1; run < values.length; run++) {
    if (values[run]! < values[run - 1]!) {
      resets.push(run);
    }
  }
  let next = 0;
  return () => {
    while (next < resets.length && resets[next]! <= window.from) {
      next++;
    }
    let lost = 0;
    for (let index = next; index < resets.length && resets[index]! < window.to; index++) {
      lost += values[resets[index]! - 1]!;
    }
    return lost;
  };
}

function lastChange(window: SlidingWindow, isRate: boolean): number | undefined {
  if (window.count < 2) {
    return undefined;
  }
  const { times, lastTimes, values, gridMs } = window.runs;
  const last = window.to - 1;
  const isWithinRun = gridMs > 0 && window.lastTimeMs - gridMs >= Math.max(times[last]!, window.firstTimeMs);
  const before = isWithinRun ? last : last - 1;
  const intervalMs = isWithinRun ? gridMs : window.lastTimeMs - lastTimes[before]!;
  if (intervalMs === 0) {
    return undefined;
  }
  const isReset = isRate && values[last]! < values[before]!;
  const change = isReset ? values[last]! : values[last]! - values[before]!;
  return isRate ? change / (intervalMs / 1000) : change;
}
