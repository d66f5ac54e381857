import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/**
 * Samples of up to 64 series over one period, packed bit by bit; the README of `block/` describes the format. The compaction
 * creates fresh blocks, which are merged into larger ones when their period is closed. The merged blocks of slow series then wait
 * for a second merge. A fresh or waiting block changes only if series are removed, or if a correction deletes samples.
 */
abstract class SampleBlockEntity {
  /** The time of the first sample, or an earlier time if the first samples were removed. */
  @Column('timestamptz', { name: 'start_at' })
  startAt: Date;

  /** The series of the bucket that have samples. Bit `id & 63` is set for each of them. */
  @Column('bigint')
  members: string;

  /** The series that have a NaN or a negative value. */
  @Column('bigint')
  falls: string;

  /** The number of samples of all members together. */
  @Column('int', { name: 'sample_count' })
  sampleCount: number;

  @Column('bytea')
  directory: Buffer;

  @Column('bytea')
  packed: Buffer;

  /**
   * The sum of the deltas of each member in ascending order, as the high and the low double of a compensated sum; NaN for a
   * member without deltas. Both columns are null if no member has deltas.
   */
  @Column('float8', { name: 'delta_sums', array: true, nullable: true })
  deltaSums: Float64Array | null;

  @Column('float8', { name: 'delta_sum_lows', array: true, nullable: true })
  deltaSumLows: Float64Array | null;
}

const ID = { default: () => `nextval('sample_chunk_order')` };

/** A block that the compaction has written and that is not merged yet. */
@Entity('sample_block_fresh', { synchronize: false })
export class FreshSampleBlockEntity extends SampleBlockEntity {
  /**
   * An id that grows with each compaction. It comes from the same sequence as the ids of chunks. If two samples have the same
   * time, the one in the block or chunk with the larger id arrived later.
   */
  @PrimaryColumn('bigint', { ...ID, primaryKeyConstraintName: 'sample_block_fresh_pkey' })
  id: string;

  /**
   * The time of the last sample, or a later time if the last samples were removed. It never changes, because it decides the
   * partition.
   */
  @PrimaryColumn('timestamptz', { name: 'end_at', primaryKeyConstraintName: 'sample_block_fresh_pkey' })
  endAt: Date;

  /** The ids of its series, divided by 64 and rounded down. */
  @PrimaryColumn('int', { primaryKeyConstraintName: 'sample_block_fresh_pkey' })
  bucket: number;
}

/** A block of a closed period that is to be merged with those of other periods. */
@Entity('sample_block_waiting', { synchronize: false })
export class WaitingSampleBlockEntity extends SampleBlockEntity {
  @PrimaryColumn('bigint', { ...ID, primaryKeyConstraintName: 'sample_block_waiting_pkey' })
  id: string;

  @PrimaryColumn('timestamptz', { name: 'end_at', primaryKeyConstraintName: 'sample_block_waiting_pkey' })
  endAt: Date;

  @PrimaryColumn('int', { primaryKeyConstraintName: 'sample_block_waiting_pkey' })
  bucket: number;
}

/**
 * A block that is not merged again, unless late samples of its period arrive. Its content never changes: a change adds a row with
 * the same bucket, end and id, and with another turn.
 */
@Index('sample_block_merged_replaced', ['replacedTurn'], { where: 'replaced_turn IS NOT NULL' })
@Entity('sample_block_merged', { synchronize: false })
export class MergedSampleBlockEntity extends SampleBlockEntity {
  @PrimaryColumn('bigint', { ...ID, primaryKeyConstraintName: 'sample_block_merged_pkey' })
  id: string;

  @PrimaryColumn('timestamptz', { name: 'end_at', primaryKeyConstraintName: 'sample_block_merged_pkey' })
  endAt: Date;

  @PrimaryColumn('int', { primaryKeyConstraintName: 'sample_block_merged_pkey' })
  bucket: number;

  /** The turn that has written the block. The block becomes current when this turn begins to count; see `MergeTurns`. */
  @PrimaryColumn('bigint', { default: 0, primaryKeyConstraintName: 'sample_block_merged_pkey' })
  turn: string;

  /** The turn that has replaced the block, which is then no longer current; null if none has. */
  @Column('bigint', { name: 'replaced_turn', nullable: true })
  replacedTurn: string | null;
}
