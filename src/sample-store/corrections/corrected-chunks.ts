import { Inject, Injectable } from '@nestjs/common';
import { CUSTOM_METRICS_OPTIONS, type CustomMetricsOptions } from '../../custom-metrics.options.js';
import { CompensatedSum } from '../../live-values/compensated-sum.js';
import { ArchiveRepository, type ArchiveTransaction } from '../archive/archive.repository.js';
import { CHUNK_SETS, mergedPartitionMs } from '../archive/chunk/chunk-partitions.js';
import { CorrectedChunksRepository, type KeyedChunk } from './corrected-chunks.repository.js';
import type { CorrectionWork } from './correction-work.js';

/** Takes samples out of chunks, the form in which older versions store samples. */
@Injectable()
export class CorrectedChunks {
  private readonly partitionMs: number;

  constructor(
    private readonly repository: CorrectedChunksRepository,
    private readonly archive: ArchiveRepository,
    @Inject(CUSTOM_METRICS_OPTIONS) options: CustomMetricsOptions,
  ) {
    this.partitionMs = mergedPartitionMs(options.store.retentionDays);
  }

  /** Deletes the samples that a correction selects from all chunks, or counts them in a dry run. */
  async remove(transaction: ArchiveTransaction, work: CorrectionWork): Promise<void> {
    const { from, to } = work.range;
    const keys = await this.repository.find(transaction, work.seriesIds, work.range, work.roomForBlocks + 1);
    work.noteExamined(keys.length);
    for (const key of keys) {
      await work.giveTurn();
      const chunk = await this.repository.read(transaction, key);
      if (chunk === undefined) continue;
      const first = chunk.offsetsMs.findIndex((offset) => chunk.startAt + offset >= from);
      const after = chunk.offsetsMs.findIndex((offset) => chunk.startAt + offset >= to);
      const end = after === -1 ? chunk.offsetsMs.length : after;
      if (first === -1 || first >= end) continue;
      work.blocks++;
      const isDelta = chunk.deltaSum !== null;
      work.removed.addCompacted(chunk.seriesId, end - first, isDelta ? sumOf(chunk.values.subarray(first, end)) : null);
      if (!work.isDryRun) await this.replace(transaction, chunk, first, end);
    }
  }

  /** Replaces a chunk. The new one may end earlier, because the end of a chunk is the time of its last sample. */
  private async replace(transaction: ArchiveTransaction, chunk: KeyedChunk, first: number, end: number): Promise<void> {
    await this.repository.delete(transaction, chunk);
    const offsets = [...chunk.offsetsMs.subarray(0, first), ...chunk.offsetsMs.subarray(end)];
    if (offsets.length === 0) return;
    const startAt = chunk.startAt + offsets[0]!;
    const values = new Float64Array(offsets.length);
    values.set(chunk.values.subarray(0, first));
    values.set(chunk.values.subarray(end), first);
    const sum = chunk.deltaSum === null ? null : sumOf(values);
    const endAt = chunk.startAt + offsets.at(-1)!;
    const set = chunk.isMerged ? CHUNK_SETS.merged : CHUNK_SETS.fresh;
    await this.archive.ensurePartitions(transaction, set, [endAt], this.partitionMs);
    await this.repository.insert(transaction, {
      ...chunk,
      startAt,
      endAt,
      offsetsMs: Int32Array.from(offsets, (offset) => offset - offsets[0]!),
      values,
      deltaSum: sum?.high ?? null,
      deltaSumLow: sum?.low ?? null,
    });
  }
}

function sumOf(values: Float64Array): { readonly high: number; readonly low: number } {
  const sum = new CompensatedSum();
  for (let index = 0; index < values.length; index++) sum.add(values[index]!);
  return { high: sum.high, low: sum.low };
}
