import type { SeriesSamples } from '../../../sample-store/reading/columns/series-samples.js';

/** Number of bits by which samples are sorted in one pass. */
const DIGIT_BITS = 11;
const DIGITS = 2 ** DIGIT_BITS;

/** The length of a window, whose times fit into 32 bits: 49 days. */
const WINDOW_MS = 2 ** 32;

/**
 * Orders all samples by time, and samples with equal times as their series are ordered in `samples`. Returns the index in
 * `samples` of each sample's series. The samples of each series are already in order, so this is enough to find every sample.
 */
export function ownersInOrder(samples: readonly SeriesSamples[]): Uint32Array {
  const count = samples.reduce((sum, { timestamps }) => sum + timestamps.length, 0);
  const owners = new Uint32Array(count);
  if (samples.length <= 1 || count === 0) return owners;
  const from = samples.reduce((earliest, { timestamps }) => Math.min(earliest, timestamps[0] ?? earliest), Infinity);
  const to = samples.reduce((latest, { timestamps }) => Math.max(latest, timestamps.at(-1) ?? latest), from);
  const times = new Uint32Array(count);
  let start = 0;
  for (const end of gatherByWindow(samples, from, to, times, owners)) {
    if (end - start > 1) sortByTime(times.subarray(start, end), owners.subarray(start, end), to - from);
    start = end;
  }
  return owners;
}

/**
 * Puts the samples of each window together, in the order of their series. This takes as long for many windows as for one, even if
 * each series has samples in few of them.
 *
 * @param times receives the times since the beginning of the window
 * @param owners receives the indexes of the series
 * @returns the index at which each window ends
 */
function gatherByWindow(
  samples: readonly SeriesSamples[],
  from: number,
  to: number,
  times: Uint32Array,
  owners: Uint32Array,
): Uint32Array {
  const windowOf = (at: number) => Math.floor((at - from) / WINDOW_MS);
  const places = new Uint32Array(windowOf(to) + 1);
  for (const { timestamps } of samples) {
    for (let index = 0; index < timestamps.length; index++) places[windowOf(timestamps[index]!)]!++;
  }
  toStarts(places);
  for (const [owner, { timestamps }] of samples.entries()) {
    for (let index = 0; index < timestamps.length; index++) {
      const at = timestamps[index]!;
      const place = places[windowOf(at)]!++;
      // The array keeps the lowest 32 bits.
      times[place] = at - from;
      owners[place] = owner;
    }
  }
  return places;
}

/** Sorts by the lowest digits of the time first. Each pass keeps the order of samples with the same digits. */
function sortByTime(times: Uint32Array, owners: Uint32Array, latest: number): void {
  const count = times.length;
  const places = new Uint32Array(DIGITS);
  let [fromTimes, fromOwners] = [times, owners];
  let [toTimes, toOwners]: [Uint32Array, Uint32Array] = [new Uint32Array(count), new Uint32Array(count)];
  for (let shift = 0; 2 ** shift <= Math.min(latest, WINDOW_MS - 1); shift += DIGIT_BITS) {
    places.fill(0);
    for (let index = 0; index < count; index++) places[(fromTimes[index]! >>> shift) % DIGITS]!++;
    toStarts(places);
    for (let index = 0; index < count; index++) {
      const time = fromTimes[index]!;
      const target = places[(time >>> shift) % DIGITS]!++;
      toTimes[target] = time;
      toOwners[target] = fromOwners[index]!;
    }
    [fromTimes, toTimes] = [toTimes, fromTimes];
    [fromOwners, toOwners] = [toOwners, fromOwners];
  }
  if (fromOwners !== owners) owners.set(fromOwners);
}

/** Replaces the number of samples of each group by the index at which the group starts. */
function toStarts(counts: Uint32Array): void {
  let start = 0;
  for (let group = 0; group < counts.length; group++) {
    const count = counts[group]!;
    counts[group] = start;
    start += count;
  }
}
