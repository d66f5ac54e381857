import type { Series } from '../../../catalog/series/series.js';
import type { ScanWindow } from '../sample-scan.js';

/** One raw sample. */
export interface Sample {
  readonly series: Series;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly value: number;
  /** The index among the samples of the same series and time, starting at 0. */
  readonly place: number;
}

/** The position in a listing of samples. Everything up to this sample has been returned. */
export type SamplePosition = Pick<Sample, 'at' | 'place'> & { readonly seriesId: number };

/**
 * Yields the samples of a window in the order of all listings: time, then series id, then the order of the log.
 *
 * Time and series are combined into one number, because sorting a typed array is ten times faster than sorting with a comparison
 * function. The samples of each series are already in order, so the number only has to determine the series of the next sample.
 */
export function* orderedSamples({ from, samples }: Pick<ScanWindow, 'from' | 'samples'>): Generator<Sample> {
  const filled = samples.filter(({ values }) => values.length > 0);
  const keys = new Float64Array(filled.reduce((sum, { values }) => sum + values.length, 0));
  let count = 0;
  for (const [owner, { timestamps }] of filled.entries()) {
    for (const at of timestamps) keys[count++] = (at - from) * filled.length + owner;
  }
  const next = new Uint32Array(filled.length);
  let place = 0;
  let previous = -1;
  for (const key of keys.toSorted()) {
    const owner = key % filled.length;
    const { series, timestamps, values } = filled[owner]!;
    const index = next[owner]!++;
    place = key === previous ? place + 1 : 0;
    previous = key;
    yield { series, at: timestamps[index]!, value: values[index]!, place };
  }
}

/** Returns whether a sample comes after a position. */
export function isAfter({ series, at, place }: Sample, position: SamplePosition): boolean {
  if (at !== position.at) return at > position.at;
  if (series.id !== position.seriesId) return series.id > position.seriesId;
  return place > position.place;
}

/** Returns whether a sample comes before a position. */
export function isBefore({ series, at, place }: Sample, position: SamplePosition): boolean {
  if (at !== position.at) return at < position.at;
  if (series.id !== position.seriesId) return series.id < position.seriesId;
  return place < position.place;
}
