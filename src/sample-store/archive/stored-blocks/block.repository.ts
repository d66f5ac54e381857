import { Injectable } from '@nestjs/common';
import { encodeFloat8Array, encodeInt4Array, encodeInt8Array } from '../../../database/binary/packed-array.js';
import { encodeByteaArray } from '../../../database/binary/bytea-array.js';
import { DatabaseSchema } from '../../../database/schema/database-schema.js';
import type { ArchiveTransaction } from '../archive.repository.js';
import type { BlockSet, TimeSpan } from '../chunk/chunk-partitions.js';
import { type BlockRow, blockRowColumns, decodeBlockRow, joinedHalves, type PackedBlockRow } from './block-row.js';
import type { NewBlock } from './cut-blocks.js';

/** Maximum number of buckets that one merge examines. */
const MAX_BUCKETS_PER_MERGE = 1_000;

/** Maximum number of samples of a merged block that is rewritten for any late sample. Such a block has some tens of kB. */
const SMALL_BLOCK_SAMPLES = 16_384;

/** Writes blocks, and removes those that are to be merged. */
@Injectable()
export class BlockRepository {
  constructor(private readonly schema: DatabaseSchema) {}

  /**
   * Writes blocks in one statement.
   *
   * @param ids the ids of the blocks; without them, a later block gets a larger new id
   */
  async insert(
    transaction: ArchiveTransaction,
    table: BlockSet,
    blocks: readonly NewBlock[],
    ids?: Float64Array,
  ): Promise<void> {
    if (blocks.length === 0) return;
    const sumCounts = Int32Array.from(blocks, ({ deltaSums }) => deltaSums?.length ?? 0);
    const firsts = new Int32Array(blocks.length);
    for (let index = 1; index < firsts.length; index++) firsts[index] = firsts[index - 1]! + sumCounts[index - 1]!;
    const sums = joined(blocks, ({ deltaSums }) => deltaSums);
    const lows = joined(blocks, ({ deltaSumLows }) => deltaSumLows);
    const integers = (valueOf: (block: NewBlock) => number) => encodeInt4Array(Int32Array.from(blocks, valueOf));
    await transaction.query(
      `INSERT INTO ${this.schema}.${table}
         (bucket, start_at, end_at, members, falls, sample_count, directory, packed, delta_sums, delta_sum_lows${ids === undefined ? '' : ', id'})
       SELECT bucket,
              'epoch'::timestamptz + start_ms * interval '1 millisecond',
              'epoch'::timestamptz + end_ms * interval '1 millisecond',
              ${joinedHalves('members_high', 'members_low')}, ${joinedHalves('falls_high', 'falls_low')},
              sample_count, directory, packed, ${sumsFrom('$13')}, ${sumsFrom('$14')}
              ${ids === undefined ? '' : ', ($15::int8[])[number]'}
       FROM unnest($1::int4[], $2::float8[], $3::float8[], $4::int4[], $5::int4[], $6::int4[], $7::int4[], $8::int4[],
                   $9::bytea[], $10::bytea[], $11::int4[], $12::int4[])
         WITH ORDINALITY AS block (bucket, start_ms, end_ms, members_high, members_low, falls_high, falls_low, sample_count,
                                   directory, packed, first, sum_count, number)
       ORDER BY number`,
      [
        integers(({ bucket }) => bucket),
        encodeFloat8Array(Float64Array.from(blocks, ({ startAt }) => startAt)),
        encodeFloat8Array(Float64Array.from(blocks, ({ endAt }) => endAt)),
        integers(({ members }) => members.high),
        integers(({ members }) => members.low),
        integers(({ falls }) => falls.high),
        integers(({ falls }) => falls.low),
        integers(({ sampleCount }) => sampleCount),
        encodeByteaArray(blocks.map(({ directory }) => directory)),
        encodeByteaArray(blocks.map(({ packed }) => packed)),
        encodeInt4Array(firsts),
        encodeInt4Array(sumCounts),
        encodeFloat8Array(sums),
        encodeFloat8Array(lows),
        ...(ids === undefined ? [] : [encodeInt8Array(ids)]),
      ],
    );
  }

  /**
   * Deletes and returns the blocks of a closed period that are to be merged. It starts with the lowest buckets that have fresh
   * blocks, and takes these blocks in the order of their ids, and the merged ones that are not much larger, because a few late
   * samples must not cause a large block to be rewritten.
   *
   * @param fromBucket the lowest bucket to consider; buckets below it are done
   * @param maxSamples the approximate limit of samples; at least one block is taken
   */
  async takeForMerge(
    transaction: ArchiveTransaction,
    { from, to }: TimeSpan,
    fromBucket: number,
    maxSamples: number,
  ): Promise<BlockRow[]> {
    const span = [new Date(from), new Date(to)];
    const fresh = await this.deleteReturning<PackedBlockRow & { readonly sample_count: number }>(
      transaction,
      `WITH candidate AS (
         SELECT bucket, end_at, id, sum(sample_count) OVER (ORDER BY bucket, id) - sample_count AS samples_before
         FROM ${this.schema}.sample_block_fresh
         WHERE end_at >= $1 AND end_at < $2 AND bucket >= $3 AND bucket < ${MAX_BUCKETS_PER_MERGE} + (
           SELECT min(bucket) FROM ${this.schema}.sample_block_fresh WHERE end_at >= $1 AND end_at < $2 AND bucket >= $3)
       )
       DELETE FROM ${this.schema}.sample_block_fresh AS block USING candidate
       WHERE candidate.samples_before < $4 AND block.end_at >= $1 AND block.end_at < $2
         AND block.bucket = candidate.bucket AND block.end_at = candidate.end_at AND block.id = candidate.id
       RETURNING ${blockRowColumns('block', 'block.packed')}, block.sample_count`,
      [...span, fromBucket, maxSamples],
    );
    if (fresh.length === 0) return [];
    const counts = new Map<number, number>();
    for (const { bucket, sample_count } of fresh) {
      counts.set(bucket, (counts.get(bucket) ?? 0) + sample_count);
    }
    const merged = await this.deleteReturning<PackedBlockRow>(
      transaction,
      `DELETE FROM ${this.schema}.sample_block_merged AS block
       USING unnest($3::int4[], $4::int4[]) AS fresh (bucket, samples)
       WHERE block.bucket = fresh.bucket AND block.end_at >= $1 AND block.end_at < $2
         AND block.sample_count <= greatest(fresh.samples, ${SMALL_BLOCK_SAMPLES})
       RETURNING ${blockRowColumns('block', 'block.packed')}`,
      [...span, encodeInt4Array(Int32Array.from(counts.keys())), encodeInt4Array(Int32Array.from(counts.values()))],
    );
    return [...fresh, ...merged].map(decodeBlockRow);
  }

  private async deleteReturning<Row>(
    transaction: ArchiveTransaction,
    statement: string,
    parameters: unknown[],
  ): Promise<Row[]> {
    const [rows]: [Row[], number] = await transaction.query(statement, parameters);
    return rows;
  }
}

/** Returns the sums of one block out of a parameter with those of all blocks. */
function sumsFrom(parameter: string): string {
  return `CASE WHEN sum_count > 0 THEN (${parameter}::float8[])[first + 1 : first + sum_count] END`;
}

function joined(blocks: readonly NewBlock[], partOf: (block: NewBlock) => Float64Array | null): Float64Array {
  const parts = blocks.map((block) => partOf(block) ?? new Float64Array(0));
  const all = new Float64Array(parts.reduce((sum, { length }) => sum + length, 0));
  let offset = 0;
  for (const part of parts) {
    all.set(part, offset);
    offset += part.length;
  }
  return all;
}
