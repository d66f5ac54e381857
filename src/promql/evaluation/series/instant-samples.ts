import { endOfHold, zeroBeforeMs } from './point-runs.js';
import type { SelectedSeries } from './series-source.js';

/** The place of a step at which a series has no value. */
export const NO_VALUE = -1;

/** The place of a step before the first push of a new counter, at which its value is 0. */
const ZERO_BEFORE_FIRST = -2;

export interface InstantOptions {
  /** The time for which a sample counts as current if the samples are points. */
  readonly lookbackMs: number;
  /** The current time. After this time, a held value continues only for the lookback period, as the last sample of a series does. */
  readonly nowMs: number;
}

/**
 * Finds the sample of one series that an instant selector sees at each of several times. All times are looked up in one loop, because a
 * call for each step of each of many series takes longer than the search.
 *
 * @param times the times, which must not decrease
 * @param places receives the index of the sample for each time, or {@link NO_VALUE}; {@link valueAt} and {@link sampleTimeAt} read it
 * @returns whether the series has a value at any of these times
 */
export function findInstants(
  series: SelectedSeries,
  times: Float64Array,
  { lookbackMs, nowMs }: InstantOptions,
  places: Int32Array,
): boolean {
  findNewest(series.timestamps, times, places);
  return series.held === null
    ? keepCurrent(series, times, lookbackMs, places)
    : keepHeld(series, times, nowMs + lookbackMs, places);
}

/** Returns the value of the sample at a place. */
export function valueAt({ values }: SelectedSeries, place: number): number {
  return place === ZERO_BEFORE_FIRST ? 0 : values[place]!;
}

/** Returns the time of the push (held view) or of the sample at a place. */
export function sampleTimeAt(series: SelectedSeries, place: number): number {
  return place === ZERO_BEFORE_FIRST ? zeroBeforeMs(series) : series.timestamps[place]!;
}

/** Finds the newest sample at or before each time, whether or not it is still in effect. */
function findNewest(timestamps: Float64Array, times: Float64Array, places: Int32Array): void {
  let next = 0;
  for (let step = 0; step < times.length; step++) {
    const timeMs = times[step]!;
    while (next < timestamps.length && timestamps[next]! <= timeMs) next++;
    places[step] = next === 0 ? NO_VALUE : next - 1;
  }
}

/** Keeps the newest samples that are in `(t - lookback, t]`. If such a sample is a stale marker, there is no value. */
function keepCurrent(
  { timestamps, stale }: SelectedSeries,
  times: Float64Array,
  lookbackMs: number,
  places: Int32Array,
): boolean {
  let hasValue = false;
  for (let step = 0; step < times.length; step++) {
    const newest = places[step]!;
    if (newest === NO_VALUE) continue;
    if (timestamps[newest]! > times[step]! - lookbackMs && stale?.[newest] !== 1) hasValue = true;
    else places[step] = NO_VALUE;
  }
  return hasValue;
}

/** Keeps the newest pushes whose values have not ended, and adds the 0 of a new counter before its first push. */
function keepHeld(series: SelectedSeries, times: Float64Array, untilMs: number, places: Int32Array): boolean {
  const { timestamps, stale, held } = series;
  const zeroFromMs = held?.startsFromZero === true && timestamps.length > 0 ? zeroBeforeMs(series) : Infinity;
  let hasValue = false;
  for (let step = 0; step < times.length; step++) {
    const timeMs = times[step]!;
    const newest = places[step]!;
    if (newest === NO_VALUE) {
      if (timeMs >= zeroFromMs) places[step] = ZERO_BEFORE_FIRST;
    } else if (
      stale?.[newest] === 1 ||
      timeMs >= endOfHold(series, newest) ||
      timeMs > Math.max(untilMs, timestamps[newest]!)
    ) {
      places[step] = NO_VALUE;
    }
    hasValue ||= places[step] !== NO_VALUE;
  }
  return hasValue;
}
