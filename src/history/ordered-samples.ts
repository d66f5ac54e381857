import type { Series } from '../catalog/series.js';
import type { ScanWindow } from './sample-scan.js';

/** One raw sample. */
export interface Sample {
  readonly series: Series;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly value: number;
  /** Its place among the samples of the same series and time, from 0. */
  readonly place: number;
}

/** Where a listing of samples stands: everything up to this sample has been given out. */
export type SamplePosition = Pick<Sample, 'at' | 'place'> & { readonly seriesId: number };

/** The samples of a window in the one order that listings have: time, then series id, then the order of the log. */
export function* orderedSamples({ samples }: Pick<ScanWindow, 'samples'>): Generator<Sample> {
  const filled = samples.filter(({ values }) => values.length > 0);
  const count = filled.reduce((sum, { values }) => sum + values.length, 0);
  const times = new Float64Array(count);
  const owners = new Uint32Array(count);
  const offsets: number[] = [];
  let offset = 0;
  for (const [owner, { timestamps }] of filled.entries()) {
    offsets.push(offset);
    times.set(timestamps, offset);
    owners.fill(owner, offset, offset + timestamps.length);
    offset += timestamps.length;
  }
  const order = Uint32Array.from(times.keys());
  // Indexes grow with the series and, within one, with the log: comparing them settles equal times.
  if (filled.length > 1) order.sort((a, b) => times[a]! - times[b]! || a - b);
  let place = 0;
  let previous = -1;
  for (const index of order) {
    const owner = owners[index]!;
    const isSameMoment = previous >= 0 && owners[previous] === owner && times[previous] === times[index];
    place = isSameMoment ? place + 1 : 0;
    previous = index;
    const { series, values } = filled[owner]!;
    yield { series, at: times[index]!, value: values[index - offsets[owner]!]!, place };
  }
}

/** Whether a sample comes after a position. */
export function isAfter({ series, at, place }: Sample, position: SamplePosition): boolean {
  if (at !== position.at) return at > position.at;
  if (series.id !== position.seriesId) return series.id > position.seriesId;
  return place > position.place;
}
