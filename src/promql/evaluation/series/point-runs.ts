import type { Column } from './column.js';
import type { SelectedSeries } from './series-source.js';
import { timeOfStep, type TimeSteps } from '../time-steps.js';

/**
 * The points of one series that a range selector can see, as runs of equal values.
 *
 * In the held view, a run contains all grid points between two pushes, which is a single entry regardless of the time between
 * them. If samples are points, each run is a single point.
 */
export interface PointRuns {
  /** The first point of each run, in milliseconds. */
  readonly times: Float64Array;
  /** The last point of each run. This is the same array as `times` if each run is a single point. */
  readonly lastTimes: Float64Array;
  readonly values: Float64Array;
  /** The distance between the points of a run; 0 if each run is a single point. */
  readonly gridMs: number;
}

/**
 * Returns the runs of a series.
 *
 * @param nowMs the time at which the grid of the held view ends
 */
export function runsOf(series: SelectedSeries, nowMs: number): PointRuns {
  return series.held === null ? pointsOf(series) : heldRunsOf(series, series.held.gridMs, nowMs);
}

function pointsOf({ timestamps, values, stale }: SelectedSeries): PointRuns {
  if (stale === null || !stale.includes(1)) {
    return { times: timestamps, lastTimes: timestamps, values, gridMs: 0 };
  }
  const times = timestamps.filter((_, index) => stale[index] === 0);
  return { times, lastTimes: times, values: values.filter((_, index) => stale[index] === 0), gridMs: 0 };
}

/** Returns the runs of a subquery's result, with a point for each step that has a value. */
export function runsOfColumn({ values, present }: Column, steps: TimeSteps): PointRuns {
  const times = new Float64Array(values.length);
  const kept = new Float64Array(values.length);
  let count = 0;
  for (let step = 0; step < values.length; step++) {
    if (present[step] === 1) {
      times[count] = timeOfStep(steps, step);
      kept[count++] = values[step]!;
    }
  }
  const taken = times.subarray(0, count);
  return { times: taken, lastTimes: taken, values: kept.subarray(0, count), gridMs: 0 };
}

function heldRunsOf(series: SelectedSeries, gridMs: number, nowMs: number): PointRuns {
  const { timestamps } = series;
  const times = new Float64Array(timestamps.length + 1);
  const lastTimes = new Float64Array(timestamps.length + 1);
  const values = new Float64Array(timestamps.length + 1);
  let count = 0;
  const add = (value: number, fromMs: number, endMs: number) => {
    // The time of a push can be a little ahead of the clock.
    const untilMs = Math.min(endMs, Math.max(nowMs, fromMs) + 1);
    const first = Math.ceil(fromMs / gridMs) * gridMs;
    // `untilMs` is exclusive, so the last point is the last grid point before it. `untilMs` is infinite only if `nowMs` is.
    const last = untilMs === Infinity ? Infinity : (Math.ceil(untilMs / gridMs) - 1) * gridMs;
    if (first <= last) {
      times[count] = first;
      lastTimes[count] = last;
      values[count++] = value;
    }
  };
  if (series.held?.startsFromZero === true && timestamps.length > 0) {
    add(0, zeroBeforeMs(series), timestamps[0]!);
  }
  for (let index = 0; index < timestamps.length; index++) {
    if (series.stale?.[index] !== 1) {
      add(series.values[index]!, timestamps[index]!, endOfHold(series, index));
    }
  }
  return {
    times: times.subarray(0, count),
    lastTimes: lastTimes.subarray(0, count),
    values: values.subarray(0, count),
    gridMs,
  };
}

/** Returns the time from which a counter that starts from zero has the value 0: one grid step before its first push. */
export function zeroBeforeMs({ timestamps, held }: SelectedSeries): number {
  return timestamps[0]! - (held?.gridMs ?? 0);
}

/**
 * Returns the time until which a pushed value holds, exclusive: the time of the next push or stale marker, or the end of the
 * time to live, whichever comes first.
 */
export function endOfHold({ timestamps, held }: SelectedSeries, index: number): number {
  const next = index + 1 < timestamps.length ? timestamps[index + 1]! : Infinity;
  return Math.min(next, timestamps[index]! + (held?.timeToLiveMs ?? Infinity));
}
