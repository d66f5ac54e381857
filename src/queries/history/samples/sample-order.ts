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
  return to - from <= LONGEST_MS ? sortedByDigits(samples, from, to, count) : sortedByKey(samples, from, count);
}

/** Sorts by the lowest digits of the time first. Each pass keeps the order of samples with the same digits. */
function sortedByDigits(samples: readonly SeriesSamples[], from: number, to: number, count: number): Uint32Array {
  let times = new Uint32Array(count);
  let owners = new Uint32Array(count);
  let next = 0;
  for (const [owner, { timestamps }] of samples.entries()) {
    owners.fill(owner, next, next + timestamps.length);
    for (let index = 0; index < timestamps.length; index++) times[next++] = timestamps[index]! - from;
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

/** Sorts by one number for time and series. It is exact up to 2^53, which is enough for over a thousand years of 200 series. */
function sortedByKey(samples: readonly SeriesSamples[], from: number, count: number): Uint32Array {
  const keys = new Float64Array(count);
  let next = 0;
  for (const [owner, { timestamps }] of samples.entries()) {
    for (const at of timestamps) keys[next++] = (at - from) * samples.length + owner;
  }
  return Uint32Array.from(keys.toSorted(), (key) => key % samples.length);
}
