import { Injectable } from '@nestjs/common';
import { encodeFloat8Array, encodeInt4Array, encodeInt8Array } from '../../../database/binary/packed-array.js';
import { encodeByteaArray } from '../../../database/binary/bytea-array.js';
import { DatabaseSchema } from '../../../database/schema/database-schema.js';
import type { ArchiveTransaction } from '../archive.repository.js';
import { BLOCK_SETS, type BlockSet, type TimeSpan, type UnmergedBlockSet } from '../chunk/chunk-partitions.js';
import { type BlockRow, blockRowColumns, decodeBlockRow, joinedHalves, type PackedBlockRow } from './block-row.js';
import type { NewBlock } from './cut-blocks.js';

/** Maximum number of buckets that one merge examines. */
const MAX_BUCKETS_PER_MERGE = 1_000;

/**
 * A merged block with at most this many samples is rewritten even for a single late sample, because it has only a few tens of
 * kilobytes.
 */
export const SMALL_BLOCK_SAMPLES = 16_384;

/**
 * The series of a bucket are slow if they have fewer samples than this in a period, on average. Merging their blocks again is
 * worth it, because a block costs about 20 bytes for each of its series in addition to the samples.
 */
const SLOW_MEMBER_SAMPLES = 256;

/** A block that was taken in order to merge it. */
export interface BlockToMerge extends BlockRow {
  readonly sampleCount: number;
  /** Whether the series of its bucket are slow; see {@link SLOW_MEMBER_SAMPLES}. */
  readonly isSlow: boolean;
}

interface PackedBlockToMerge extends PackedBlockRow {
  readonly sample_count: number;
  readonly is_slow: boolean;
}

/** The parts of the keys of new blocks that {@link NewBlock} does not have. */
export interface BlockKeys {
  /** The ids of the blocks; if they are left out, the blocks get new ids, which grow in the order of the blocks. */
  readonly ids?: Float64Array | undefined;
  /** The number of the turn that writes merged blocks. */
  readonly turn?: string;
}

/** Writes blocks, and removes those that are to be merged. */
@Injectable()
export class BlockRepository {
  constructor(private readonly schema: DatabaseSchema) {}

  /**
   * Writes blocks in one statement.
   *
   * @param keys the ids of the blocks, and the turn that writes merged ones
   */
  async insert(
    transaction: ArchiveTransaction,
    table: BlockSet,
    blocks: readonly NewBlock[],
    { ids, turn }: BlockKeys = {},
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
         (bucket, start_at, end_at, members, falls, sample_count, directory, packed, delta_sums, delta_sum_lows
         ${ids === undefined ? '' : ', id'}${turn === undefined ? '' : ', turn'})
       SELECT bucket,
              'epoch'::timestamptz + start_ms * interval '1 millisecond',
              'epoch'::timestamptz + end_ms * interval '1 millisecond',
              ${joinedHalves('members_high', 'members_low')}, ${joinedHalves('falls_high', 'falls_low')},
              sample_count, directory, packed, ${sumsFrom('$13')}, ${sumsFrom('$14')}
              ${ids === undefined ? '' : ', ($15::int8[])[number]'}
              ${turn === undefined ? '' : `, ${ids === undefined ? '$15' : '$16'}::int8`}
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
        ...(turn === undefined ? [] : [turn]),
      ],
    );
  }

  /**
   * Deletes and returns blocks of a closed period that are to be merged, in the order of their buckets and ids, beginning with
   * the lowest buckets. The remaining blocks of a bucket have larger ids, so that their samples still count as the later ones.
   * Blocks that one merge has created have the same id; of these, the later ones remain.
   *
   * For the same reason, waiting blocks are left alone as long as their bucket has fresh blocks of the period.
   *
   * @param fromBucket the lowest bucket to consider; buckets below it are done
   * @param maxSamples the approximate limit of samples; at least one block is taken
   */
  async takeForMerge(
    transaction: ArchiveTransaction,
    set: UnmergedBlockSet,
    { from, to }: TimeSpan,
    fromBucket: number,
    maxSamples: number,
  ): Promise<BlockToMerge[]> {
    const hasNoFresh = `NOT EXISTS (SELECT FROM ${this.schema}.sample_block_fresh AS fresh
                                    WHERE fresh.bucket = block.bucket AND fresh.end_at >= $1 AND fresh.end_at < $2)`;
    const rows = await this.deleteReturning<PackedBlockToMerge>(
      transaction,
      `WITH candidate AS (
         SELECT bucket, end_at, id, sum(sample_count) OVER (ORDER BY bucket, id, end_at) - sample_count AS samples_before,
                sum(sample_count) OVER same_bucket
                  < ${SLOW_MEMBER_SAMPLES} * bit_count((bit_or(members) OVER same_bucket)::bit(64)) AS is_slow
         FROM ${this.schema}.${set} AS block
         WHERE end_at >= $1 AND end_at < $2 AND bucket >= $3 AND bucket < ${MAX_BUCKETS_PER_MERGE} + (
             SELECT min(bucket) FROM ${this.schema}.${set} WHERE end_at >= $1 AND end_at < $2 AND bucket >= $3)
           ${set === BLOCK_SETS.waiting ? `AND ${hasNoFresh}` : ''}
         WINDOW same_bucket AS (PARTITION BY bucket)
       )
       DELETE FROM ${this.schema}.${set} AS block USING candidate
       WHERE candidate.samples_before < $4 AND block.end_at >= $1 AND block.end_at < $2
         AND block.bucket = candidate.bucket AND block.end_at = candidate.end_at AND block.id = candidate.id
       RETURNING ${blockRowColumns('block', 'block.packed')}, block.sample_count, candidate.is_slow`,
      [new Date(from), new Date(to), fromBucket, maxSamples],
    );
    return rows
      .map((row) => Object.assign(decodeBlockRow(row), { sampleCount: row.sample_count, isSlow: row.is_slow }))
      .toSorted((a, b) => a.bucket - b.bucket || a.id - b.id);
  }

  /** Returns those of the buckets that have blocks of a period in a set. */
  async findBuckets(
    transaction: ArchiveTransaction,
    set: BlockSet,
    { from, to }: TimeSpan,
    buckets: Iterable<number>,
  ): Promise<number[]> {
    const rows: { bucket: number }[] = await transaction.query(
      `SELECT bucket FROM unnest($3::int4[]) AS wanted (bucket)
       WHERE EXISTS (SELECT FROM ${this.schema}.${set} AS block
                     WHERE block.bucket = wanted.bucket AND block.end_at >= $1 AND block.end_at < $2)`,
      [new Date(from), new Date(to), encodeInt4Array(Int32Array.from(buckets))],
    );
    return rows.map(({ bucket }) => bucket);
  }

  /**
   * Deletes and returns waiting blocks, so other blocks can be merged with them. A waiting block is taken only if it is small or
   * has no more samples than those other blocks of its bucket together, because a few late samples must not cause a large block
   * to be rewritten. If a block is not taken, no block of its bucket with a smaller id is taken either: a merge would give the
   * samples of that block a larger id, and they would count as the later ones. `smallBlocksOf` does the same for merged blocks.
   *
   * @param samples the number of samples of the other blocks, by bucket
   * @param maxSamples the limit of samples
   */
  async takeSmall(
    transaction: ArchiveTransaction,
    { from, to }: TimeSpan,
    samples: ReadonlyMap<number, number>,
    maxSamples: number,
  ): Promise<BlockRow[]> {
    const rows = await this.deleteReturning<PackedBlockRow>(
      transaction,
      `WITH existing AS (
         SELECT block.bucket, block.end_at, block.id, block.sample_count, other.samples,
                max(block.sample_count) OVER (PARTITION BY block.bucket ORDER BY block.id DESC) AS largest_newer
         FROM unnest($3::int4[], $4::int4[]) AS other (bucket, samples)
         JOIN ${this.schema}.sample_block_waiting AS block ON block.bucket = other.bucket
         WHERE block.end_at >= $1 AND block.end_at < $2
       ), small AS (
         SELECT bucket, end_at, id, sum(sample_count) OVER (ORDER BY bucket, id DESC) AS samples_until
         FROM existing WHERE largest_newer <= greatest(samples, ${SMALL_BLOCK_SAMPLES})
       )
       DELETE FROM ${this.schema}.sample_block_waiting AS block USING small
       WHERE small.samples_until <= $5 AND block.end_at >= $1 AND block.end_at < $2
         AND block.bucket = small.bucket AND block.end_at = small.end_at AND block.id = small.id
       RETURNING ${blockRowColumns('block', 'block.packed')}`,
      [
        new Date(from),
        new Date(to),
        encodeInt4Array(Int32Array.from(samples.keys())),
        encodeInt4Array(Int32Array.from(samples.values())),
        maxSamples,
      ],
    );
    return rows.map(decodeBlockRow);
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

/** Returns an SQL expression for the sums of one block, which are a slice of a parameter with the sums of all blocks. */
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
