import { CompensatedSum } from '../../../live-values/compensated-sum.js';
import type { GroupedSamples } from '../grouped-samples.js';

/** Chunks to write, as parallel arrays. The samples of all chunks are in two long arrays, one chunk after the other. */
export interface ChunkColumns {
  readonly seriesIds: Int32Array;
  /** The times of the first and of the last sample of each chunk, in milliseconds since the epoch. */
  readonly startsAt: Float64Array;
  readonly endsAt: Float64Array;
  readonly sampleCounts: Int32Array;
  /** The high and low doubles of the sum of the deltas; NaN for a series that has no deltas. */
  readonly deltaSums: Float64Array;
  readonly deltaSumLows: Float64Array;
  /** The offset of each sample, in milliseconds since the start of its chunk. */
  readonly offsetsMs: Int32Array;
  readonly values: Float64Array;
}

/**
 * Maximum number of samples of one chunk, which then takes about 100 kB. Postgres loads a whole chunk even if only a part is
 * needed, and reading a minute of a series that is pushed a hundred times a second should not cost megabytes.
 */
export const MAX_CHUNK_SAMPLES = 8_192;

/**
 * Cuts grouped samples into chunks, one for each series and period, or several if a period has more samples than one chunk may
 * have.
 *
 * @param isDelta returns whether the samples of a series are deltas, given its index in `seriesIds`
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
