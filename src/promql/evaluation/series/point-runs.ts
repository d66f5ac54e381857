import type { Column } from './column.js';
import type { HeldSteps, SelectedSeries } from './series-source.js';
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
  /** True if each run begins one point after the end of the run before it, so that the grid has no gaps. */
  readonly isContiguous: boolean;
}

/** Holds the runs of one series after another, because arrays for each of many series would cost more than their computation. */
export class RunsBuffer {
  times = new Float64Array(0);
  lastTimes = new Float64Array(0);
  values = new Float64Array(0);

  /** Makes room for a number of runs. */
  makeRoom(count: number): void {
    if (this.times.length >= count) {
      return;
    }
    const length = Math.max(count, 2 * this.times.length);
    this.times = new Float64Array(length);
    this.lastTimes = new Float64Array(length);
    this.values = new Float64Array(length);
  }
}

/**
 * Returns the runs of a series.
 *
 * @param nowMs the time at which the grid of the held view ends
 * @param buffer receives the runs, unless they are the samples of the series themselves
 */
export function runsOf(series: SelectedSeries, nowMs: number, buffer: RunsBuffer): PointRuns {
  return series.held === null ? pointsOf(series) : heldRunsOf(series, series.held, nowMs, buffer);
}

function pointsOf({ timestamps, values, stale }: SelectedSeries): PointRuns {
  if (stale === null || !stale.includes(1)) {
    return { times: timestamps, lastTimes: timestamps, values, gridMs: 0, isContiguous: false };
  }
  const times = timestamps.filter((_, index) => stale[index] === 0);
  const kept = values.filter((_, index) => stale[index] === 0);
  return { times, lastTimes: times, values: kept, gridMs: 0, isContiguous: false };
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
  return { times: taken, lastTimes: taken, values: kept.subarray(0, count), gridMs: 0, isContiguous: false };
}

function heldRunsOf(series: SelectedSeries, held: HeldSteps, nowMs: number, buffer: RunsBuffer): PointRuns {
  const { timestamps, values: pushed, stale } = series;
  const { gridMs, timeToLiveMs } = held;
  const samples = timestamps.length;
  buffer.makeRoom(samples + 1);
  const { times, lastTimes, values } = buffer;
  let count = 0;
  let isContiguous = true;
  let first = samples === 0 ? 0 : firstPointFrom(timestamps[0]!, gridMs);
  if (held.startsFromZero && samples > 0) {
    const fromMs = zeroBeforeMs(series);
    const last = lastPointBefore(Math.min(timestamps[0]!, endOfGrid(fromMs, nowMs)), gridMs);
    times[0] = firstPointFrom(fromMs, gridMs);
    lastTimes[0] = last;
    values[0] = 0;
    count = times[0] <= last ? 1 : 0;
  }
  for (let index = 0; index < samples; index++) {
    const fromMs = timestamps[index]!;
    const nextMs = index + 1 < samples ? timestamps[index + 1]! : Infinity;
    const nextFirst = firstPointFrom(nextMs, gridMs);
    if (stale === null || stale[index] !== 1) {
      const untilMs = Math.min(nextMs, fromMs + timeToLiveMs, endOfGrid(fromMs, nowMs));
      const last = untilMs === nextMs ? nextFirst - gridMs : lastPointBefore(untilMs, gridMs);
      if (first <= last) {
        isContiguous &&= count === 0 || first === lastTimes[count - 1]! + gridMs;
        times[count] = first;
        lastTimes[count] = last;
        values[count++] = pushed[index]!;
      }
    }
    first = nextFirst;
  }
  return {
    times: times.subarray(0, count),
    lastTimes: lastTimes.subarray(0, count),
    values: values.subarray(0, count),
    gridMs,
    isContiguous,
  };
}

function firstPointFrom(timeMs: number, gridMs: number): number {
  return Math.ceil(timeMs / gridMs) * gridMs;
}

/** Returns the last grid point before a time; infinity for infinity. */
function lastPointBefore(timeMs: number, gridMs: number): number {
  return (Math.ceil(timeMs / gridMs) - 1) * gridMs;
}

/** Returns the time before which the last point of a value lies. The time of a push can be a little ahead of the clock. */
function endOfGrid(fromMs: number, nowMs: number): number {
  return Math.max(nowMs, fromMs) + 1;
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
