import { CompensatedSum } from '../../../live-values/compensated-sum.js';
import type { GroupedSamples } from './grouped-samples.js';

/** Chunks to write, as parallel arrays; the samples of all of them stand one after the other in two long arrays. */
export interface ChunkColumns {
  readonly seriesIds: Int32Array;
  /** Milliseconds since the epoch of the first and of the last sample. */
  readonly startsAt: Float64Array;
  readonly endsAt: Float64Array;
  readonly sampleCounts: Int32Array;
  /** High and low double of the sum of deltas; NaN for a series that does not add up. */
  readonly deltaSums: Float64Array;
  readonly deltaSumLows: Float64Array;
  /** Milliseconds since the start of the sample's chunk. */
  readonly offsetsMs: Int32Array;
  readonly values: Float64Array;
}

/**
 * Most samples of one chunk: some 100 kB. A query reads whole chunks, and a series pushed a hundred times a second should
 * not cost it megabytes for a minute.
 */
export const MAX_CHUNK_SAMPLES = 8_192;

/**
 * Cuts grouped samples into chunks: one for each series and period, more where a period holds more than a chunk may.
 *
 * @param isDelta whether the samples of a series are deltas, by its place in `seriesIds`
 */
export function cutIntoChunks(
  { seriesIds, starts, timestamps, values }: GroupedSamples,
  isDelta: (place: number) => boolean,
  periodMs: number,
): ChunkColumns {
  const chunks = {
    seriesIds: [] as number[],
    startsAt: [] as number[],
    endsAt: [] as number[],
    sampleCounts: [] as number[],
    deltaSums: [] as number[],
    deltaSumLows: [] as number[],
  };
  const offsetsMs = new Int32Array(values.length);
  const sum = new CompensatedSum();
  for (let place = 0; place < seriesIds.length; place++) {
    const isSummed = isDelta(place);
    const end = starts[place + 1]!;
    for (let start = starts[place]!; start < end;) {
      const startAt = timestamps[start]!;
      const periodEnd = (Math.floor(startAt / periodMs) + 1) * periodMs;
      const limit = Math.min(end, start + MAX_CHUNK_SAMPLES);
      sum.reset();
      let index = start;
      for (; index < limit && timestamps[index]! < periodEnd; index++) {
        offsetsMs[index] = timestamps[index]! - startAt;
        if (isSummed) sum.add(values[index]!);
      }
      chunks.seriesIds.push(seriesIds[place]!);
      chunks.startsAt.push(startAt);
      chunks.endsAt.push(timestamps[index - 1]!);
      chunks.sampleCounts.push(index - start);
      chunks.deltaSums.push(isSummed ? sum.high : NaN);
      chunks.deltaSumLows.push(isSummed ? sum.low : NaN);
      start = index;
    }
  }
  return {
    seriesIds: Int32Array.from(chunks.seriesIds),
    startsAt: Float64Array.from(chunks.startsAt),
    endsAt: Float64Array.from(chunks.endsAt),
    sampleCounts: Int32Array.from(chunks.sampleCounts),
    deltaSums: Float64Array.from(chunks.deltaSums),
    deltaSumLows: Float64Array.from(chunks.deltaSumLows),
    offsetsMs,
    values,
  };
}
