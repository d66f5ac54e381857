import { setImmediate as nextTurn } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { ArchiveRepository } from './archive.repository.js';
import type { ChunkRow } from './chunk/chunk-row.js';
import { cutIntoChunks, MAX_CHUNK_SAMPLES } from './chunk/chunk-columns.js';
import { type Partition, secondsOf } from './chunk/chunk-partitions.js';
import { ChunkRepository } from './chunk/chunk.repository.js';
import { emptySamples, groupBySeries, type LooseSamples } from './chunk/grouped-samples.js';
import { DAY_MS } from '../../scheduling/units-of-time.js';

/** Samples that one step merges, in one transaction: some hundred milliseconds of Postgres' time. */
const SAMPLES_PER_MERGE = 500_000;

/**
 * Merges the small chunks that the compaction makes every half minute into one for each series, once their period is closed: a
 * chunk costs some 150 bytes beside its samples, of which it then has three and later a thousand.
 *
 * Late samples of a period that was merged before wait until another one is closed, and are merged into it then.
 */
@Injectable()
export class ChunkMerge {
  constructor(
    private readonly archive: ArchiveRepository,
    private readonly chunks: ChunkRepository,
  ) {}

  /**
   * Merges the next chunks of a partition of fresh ones.
   *
   * @param fromSeriesId where the step before ended
   * @returns where to go on; null when the partition is empty; undefined while another process has its turn
   */
  async mergeOnce(partition: Partition, fromSeriesId: number, partitionMs: number): Promise<number | null | undefined> {
    return this.archive.withLock(async (transaction) => {
      const rows = await this.chunks.takeForMerge(
        transaction,
        partition,
        fromSeriesId,
        SAMPLES_PER_MERGE,
        MAX_CHUNK_SAMPLES,
      );
      if (rows.length === 0) return null;
      await nextTurn();
      const summed = new Set(rows.filter(({ deltaSum }) => deltaSum !== null).map(({ seriesId }) => seriesId));
      const samples = groupBySeries(looseSamplesOf(rows));
      await nextTurn();
      const isSummed = (place: number) => summed.has(samples.seriesIds[place]!);
      // What is taken lies in one partition of fresh chunks, and so in one period.
      const merged = cutIntoChunks(samples, isSummed, DAY_MS);
      // What is taken lies in one fresh partition, which is no longer than a day.
      await this.archive.ensurePartitions(transaction, 'sample_chunk_merged', secondsOf(merged.endsAt), partitionMs);
      await this.chunks.insert(transaction, merged, () => true);
      return samples.seriesIds.at(-1)!;
    });
  }
}

/** In the order of the chunks' ids, which is what decides between samples of one time. */
function looseSamplesOf(rows: readonly ChunkRow[]): LooseSamples {
  const inOrder = rows.toSorted((a, b) => a.id - b.id);
  const count = rows.reduce((sum, { values }) => sum + values.length, 0);
  const samples = emptySamples(count);
  let offset = 0;
  for (const { seriesId, startAt, offsetsMs, values } of inOrder) {
    const end = offset + values.length;
    samples.seriesIds.fill(seriesId, offset, end);
    samples.values.set(values, offset);
    for (let index = 0; index < offsetsMs.length; index++)
      samples.timestamps[offset + index] = startAt + offsetsMs[index]!;
    offset = end;
  }
  return samples;
}
