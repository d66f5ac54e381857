import { Injectable } from '@nestjs/common';
import { ArchiveRepository } from './archive.repository.js';
import type { ChunkRow } from './chunk/chunk-row.js';
import { cutIntoChunks, MAX_CHUNK_SAMPLES } from './chunk/chunk-columns.js';
import { type Partition, secondsOf } from './chunk/chunk-partitions.js';
import { ChunkRepository } from './chunk/chunk.repository.js';
import { emptySamples, type GroupedSamples, groupBySeries, type LooseSamples } from './grouped-samples.js';
import { DAY_MS } from '../../scheduling/units-of-time.js';
import { Turns } from '../../scheduling/turns.js';

/** Number of samples that one transaction merges, which takes Postgres a few hundred milliseconds. */
const SAMPLES_PER_MERGE = 500_000;

/**
 * Merges small chunks into large ones, usually one for each series, once their period is closed. The compaction creates small
 * chunks every half minute as long as a process of an older version runs. A chunk costs about 150 bytes in addition to its
 * samples; a small chunk has about three samples, and a merged one a thousand.
 *
 * Late samples of a period that was merged before are merged when the next period is closed.
 */
@Injectable()
export class ChunkMerge {
  constructor(
    private readonly archive: ArchiveRepository,
    private readonly chunks: ChunkRepository,
  ) {}

  /**
   * Merges the next chunks of a partition of fresh chunks.
   *
   * @param fromSeriesId the result of the previous step, or 0
   * @returns the series id to continue from; null if no chunks are left to merge; undefined if another process has the lock
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
      const turns = new Turns();
      await turns.next();
      const { samples, isSummed } = await groupChunks(rows, turns);
      // The chunks come from one partition of fresh chunks, and therefore from one period, which is no longer than a day.
      const merged = cutIntoChunks(samples, isSummed, DAY_MS);
      await this.archive.ensurePartitions(transaction, 'sample_chunk_merged', secondsOf(merged.endsAt), partitionMs);
      await this.chunks.insert(transaction, merged, () => true);
      return samples.seriesIds.at(-1)!;
    });
  }
}

/**
 * Groups the samples of chunks by series, and lets other work run in between.
 *
 * @returns the samples, and a function that returns whether a series has delta sums, given its index in `seriesIds`
 */
export async function groupChunks(
  rows: readonly ChunkRow[],
  turns: Turns,
): Promise<{ samples: GroupedSamples; isSummed: (place: number) => boolean }> {
  const summed = new Set(rows.filter(({ deltaSum }) => deltaSum !== null).map(({ seriesId }) => seriesId));
  const loose = looseSamplesOf(rows);
  await turns.next();
  const samples = groupBySeries(loose);
  await turns.next();
  return { samples, isSummed: (place) => summed.has(samples.seriesIds[place]!) };
}

/** Returns the samples in the order of their chunks' ids, because that order decides between samples with equal times. */
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
