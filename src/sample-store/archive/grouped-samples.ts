import type { LogRow } from '../log/log-row.js';

/** Samples of many series in the order of their arrival, as parallel arrays. */
export interface LooseSamples {
  readonly seriesIds: Int32Array;
  /** The times in milliseconds since the epoch. */
  readonly timestamps: Float64Array;
  readonly values: Float64Array;
  /** The source of each sample, as an index into the rows that the caller has read. */
  readonly sources: Uint32Array;
}

/** Returns columns for a number of samples, filled with zeros. */
export function emptySamples(count: number): LooseSamples {
  return {
    seriesIds: new Int32Array(count),
    timestamps: new Float64Array(count),
    values: new Float64Array(count),
    sources: new Uint32Array(count),
  };
}

/** Returns the samples of rows of the log. The source of a sample is the index of its row. */
export function looseSamplesOf(rows: readonly LogRow[]): LooseSamples {
  const count = rows.reduce((sum, { values }) => sum + values.length, 0);
  const samples = emptySamples(count);
  let offset = 0;
  for (const [source, { seriesIds, timestamps, values, receivedAt }] of rows.entries()) {
    const end = offset + values.length;
    samples.seriesIds.set(seriesIds, offset);
    samples.values.set(values, offset);
    if (timestamps === null) samples.timestamps.fill(receivedAt, offset, end);
    else samples.timestamps.set(timestamps, offset);
    samples.sources.fill(source, offset, end);
    offset = end;
  }
  return samples;
}

/** Samples grouped by series, each group in time order. Samples of equal times keep the order of arrival. */
export interface GroupedSamples {
  /** The ids in ascending order, without duplicates. */
  readonly seriesIds: Int32Array;
  /** The samples of `seriesIds[i]` go from `starts[i]` up to, but not including, `starts[i + 1]`. */
  readonly starts: Uint32Array;
  readonly timestamps: Float64Array;
  readonly values: Float64Array;
  readonly sources: Uint32Array;
}

/**
 * Maximum range of ids for which a plain array is used to find the place of an id. Looking up an id in an array takes a tenth of
 * the time that a map takes.
 */
const MAX_ARRAY_RANGE = 4_000_000;

/** Groups samples by series with one counting sort. Only series that have late samples are sorted by time. */
export function groupBySeries(samples: LooseSamples): GroupedSamples {
  const { placeOf, seriesIds } = numberSeries(samples.seriesIds);
  const starts = new Uint32Array(seriesIds.length + 1);
  for (const id of samples.seriesIds) starts[placeOf(id) + 1]!++;
  for (let place = 0; place < seriesIds.length; place++) starts[place + 1]! += starts[place]!;

  const count = samples.values.length;
  const grouped = {
    seriesIds,
    starts,
    timestamps: new Float64Array(count),
    values: new Float64Array(count),
    sources: new Uint32Array(count),
  };
  const next = starts.slice();
  for (let index = 0; index < count; index++) {
    const position = next[placeOf(samples.seriesIds[index]!)]!++;
    grouped.timestamps[position] = samples.timestamps[index]!;
    grouped.values[position] = samples.values[index]!;
    grouped.sources[position] = samples.sources[index]!;
  }
  for (let place = 0; place < seriesIds.length; place++) sortByTime(grouped, starts[place]!, starts[place + 1]!);
  return grouped;
}

/**
 * Returns the samples of some series only.
 *
 * @param ids the series in ascending order, all of which must have samples
 */
export function onlySeries(samples: GroupedSamples, ids: Int32Array): GroupedSamples {
  const wanted = new Set(ids);
  const isWanted = new Uint8Array(samples.values.length);
  const starts = new Uint32Array(ids.length + 1);
  let kept = 0;
  for (const [place, id] of samples.seriesIds.entries()) {
    if (!wanted.has(id)) continue;
    const [start, end] = [samples.starts[place]!, samples.starts[place + 1]!];
    isWanted.fill(1, start, end);
    starts[kept + 1] = starts[kept]! + end - start;
    kept++;
  }
  const isKept = (_: number, index: number) => isWanted[index] === 1;
  return {
    seriesIds: ids,
    starts,
    timestamps: samples.timestamps.filter(isKept),
    values: samples.values.filter(isKept),
    sources: samples.sources.filter(isKept),
  };
}

/** Returns the distinct ids in ascending order, and a function that returns the index of an id among them. */
function numberSeries(ids: Int32Array): { placeOf: (id: number) => number; seriesIds: Int32Array } {
  let lowest = Infinity;
  let highest = -Infinity;
  for (const id of ids) {
    if (id < lowest) lowest = id;
    if (id > highest) highest = id;
  }
  if (ids.length > 0 && highest - lowest < MAX_ARRAY_RANGE) {
    const places = new Int32Array(highest - lowest + 1);
    for (const id of ids) places[id - lowest] = 1;
    let count = 0;
    for (const isUsed of places) count += isUsed;
    const seriesIds = new Int32Array(count);
    let place = 0;
    for (let offset = 0; offset < places.length; offset++) {
      if (places[offset] === 0) continue;
      seriesIds[place] = lowest + offset;
      places[offset] = place++;
    }
    return { placeOf: (id) => places[id - lowest]!, seriesIds };
  }
  const seriesIds = Int32Array.from(new Set(ids)).toSorted();
  const places = new Map(Array.from(seriesIds, (id, place) => [id, place]));
  return { placeOf: (id) => places.get(id)!, seriesIds };
}

function sortByTime({ timestamps, values, sources }: GroupedSamples, start: number, end: number): void {
  let isSorted = true;
  for (let index = start + 1; index < end && isSorted; index++) isSorted = timestamps[index]! >= timestamps[index - 1]!;
  if (isSorted) return;
  // Array.sort is stable, so samples of equal times keep the order of arrival.
  const order = Array.from({ length: end - start }, (_, offset) => start + offset);
  order.sort((a, b) => timestamps[a]! - timestamps[b]!);
  reorder(timestamps, order, start);
  reorder(values, order, start);
  reorder(sources, order, start);
}

function reorder(column: Float64Array | Uint32Array, order: readonly number[], start: number): void {
  column.set(
    order.map((index) => column[index]!),
    start,
  );
}
