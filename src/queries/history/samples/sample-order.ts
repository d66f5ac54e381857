import type { SeriesSamples } from '../../../sample-store/log/sample-column.js';

/** Number of bits by which samples are sorted in one pass. */
const DIGIT_BITS = 11;
const DIGITS = 2 ** DIGIT_BITS;

/** The longest window whose times fit into 32 bits: 49 days. */
const LONGEST_MS = 2 ** 32;

/**
 * Orders all samples by time, and samples with equal times as their series are ordered in `samples`. Returns the index in
 * `samples` of each sample's series. The samples of each series are already in order, so this is enough to find every sample.
 *
 * @param from the start of the window that contains all samples
 * @param to the end of the window
 */
export function ownersInOrder(samples: readonly SeriesSamples[], from: number, to: number): Uint32Array {
  const count = samples.reduce((sum, { values }) => sum + values.length, 0);
  if (samples.length <= 1) return new Uint32Array(count);
  const timestamps = samples.map((each) => each.timestamps);
  return to - from <= LONGEST_MS ? sortedByDigits(timestamps, from, to) : sortedByWindows(timestamps, from, to, count);
}

/** Sorts by the lowest digits of the time first. Each pass keeps the order of samples with the same digits. */
function sortedByDigits(timestamps: readonly Float64Array[], from: number, to: number): Uint32Array {
  const count = timestamps.reduce((sum, { length }) => sum + length, 0);
  let times = new Uint32Array(count);
  let owners = new Uint32Array(count);
  let next = 0;
  for (const [owner, ofSeries] of timestamps.entries()) {
    owners.fill(owner, next, next + ofSeries.length);
    for (let index = 0; index < ofSeries.length; index++) times[next++] = ofSeries[index]! - from;
  }
  let sortedTimes = new Uint32Array(count);
  let sortedOwners = new Uint32Array(count);
  const places = new Uint32Array(DIGITS);
  for (let shift = 0; 2 ** shift < to - from; shift += DIGIT_BITS) {
    places.fill(0);
    for (let index = 0; index < count; index++) places[(times[index]! >>> shift) % DIGITS]!++;
    let place = 0;
    for (let digit = 0; digit < DIGITS; digit++) {
      const length = places[digit]!;
      places[digit] = place;
      place += length;
    }
    for (let index = 0; index < count; index++) {
      const time = times[index]!;
      const target = places[(time >>> shift) % DIGITS]!++;
      sortedTimes[target] = time;
      sortedOwners[target] = owners[index]!;
    }
    [times, sortedTimes] = [sortedTimes, times];
    [owners, sortedOwners] = [sortedOwners, owners];
  }
  return owners;
}

/** Sorts the samples of one window after the other, each of which is short enough. */
function sortedByWindows(timestamps: readonly Float64Array[], from: number, to: number, count: number): Uint32Array {
  const owners = new Uint32Array(count);
  const read = new Uint32Array(timestamps.length);
  let next = 0;
  for (let start = from; next < count; start += LONGEST_MS) {
    const end = Math.min(start + LONGEST_MS, to);
    const parts = timestamps.map((ofSeries, owner) => {
      const first = read[owner]!;
      let last = first;
      while (last < ofSeries.length && (ofSeries[last]! < end || end === to)) last++;
      read[owner] = last;
      return ofSeries.subarray(first, last);
    });
    const sorted = sortedByDigits(parts, start, end);
    owners.set(sorted, next);
    next += sorted.length;
  }
  return owners;
}
