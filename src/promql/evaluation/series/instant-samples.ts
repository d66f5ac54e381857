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
 * call for each step of each of many series takes longer than the search. Both views repeat the search in their loop, because a pass of its
 * own takes a fifth longer.
 *
 * @param times the times, which must not decrease
 * @param places receives the index of the sample for each time, or {@link NO_VALUE}; {@link valueAt} and {@link sampleTimeAt} read it
 * @returns the number of these times at which the series has a value
 */
export function findInstants(
  series: SelectedSeries,
  times: Float64Array,
  { lookbackMs, nowMs }: InstantOptions,
  places: Int32Array,
): number {
  return series.held === null
    ? findLatest(series, times, lookbackMs, places)
    : findHeld(series, times, nowMs + lookbackMs, places);
}

/** Returns the value of the sample at a place. */
export function valueAt({ values }: SelectedSeries, place: number): number {
  return place === ZERO_BEFORE_FIRST ? 0 : values[place]!;
}

/** Returns the time of the push (held view) or of the sample at a place. */
export function sampleTimeAt(series: SelectedSeries, place: number): number {
  return place === ZERO_BEFORE_FIRST ? zeroBeforeMs(series) : series.timestamps[place]!;
}

/** Finds the newest sample in `(t - lookback, t]`. If that sample is a stale marker, there is no value. */
function findLatest(
  { timestamps, stale }: SelectedSeries,
  times: Float64Array,
  lookbackMs: number,
  places: Int32Array,
): number {
  let next = 0;
  let found = 0;
  for (let step = 0; step < times.length; step++) {
    const timeMs = times[step]!;
    while (next < timestamps.length && timestamps[next]! <= timeMs) next++;
    const latest = next - 1;
    const isCurrent = latest >= 0 && timestamps[latest]! > timeMs - lookbackMs && stale?.[latest] !== 1;
    places[step] = isCurrent ? latest : NO_VALUE;
    if (isCurrent) found++;
  }
  return found;
}

/** Finds the newest push until its value ends, and the 0 of a new counter before its first push. */
function findHeld(series: SelectedSeries, times: Float64Array, untilMs: number, places: Int32Array): number {
  const { timestamps, stale, held } = series;
  const zeroFromMs = held?.startsFromZero === true && timestamps.length > 0 ? zeroBeforeMs(series) : Infinity;
  let next = 0;
  let found = 0;
  for (let step = 0; step < times.length; step++) {
    const timeMs = times[step]!;
    while (next < timestamps.length && timestamps[next]! <= timeMs) next++;
    const latest = next - 1;
    let place = NO_VALUE;
    if (latest < 0) {
      if (timeMs >= zeroFromMs) place = ZERO_BEFORE_FIRST;
    } else if (
      stale?.[latest] !== 1 &&
      timeMs < endOfHold(series, latest) &&
      timeMs <= Math.max(untilMs, timestamps[latest]!)
    ) {
      place = latest;
    }
    places[step] = place;
    if (place !== NO_VALUE) found++;
  }
  return found;
}
