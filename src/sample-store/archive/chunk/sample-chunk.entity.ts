import { Column, Entity, PrimaryColumn } from 'typeorm';

/**
 * Samples of one series over one period, as parallel arrays in time order. The compaction creates chunks only as long as a
 * process of an older version runs. A chunk is merged into a larger one when its period is closed, and later repacked into
 * blocks. A correction that deletes some of its samples replaces it by a chunk with the same id. A removal of its series deletes
 * it, and retention drops it with its partition.
 */
@Entity('sample_chunk', { synchronize: false })
export class SampleChunkEntity {
  /**
   * An id that grows with each compaction. If two samples have the same time, the one in the chunk with the larger id arrived
   * later.
   */
  @PrimaryColumn('bigint', {
    default: () => `nextval('sample_chunk_order')`,
    primaryKeyConstraintName: 'sample_chunk_pkey',
  })
  id: string;

  /** The time of the first sample. */
  @Column('timestamptz', { name: 'start_at' })
  startAt: Date;

  /** The time of the last sample. */
  @PrimaryColumn('timestamptz', { name: 'end_at', primaryKeyConstraintName: 'sample_chunk_pkey' })
  endAt: Date;

  /** The sum of the values of a delta counter, as the high and the low double of a compensated sum; null for other series. */
  @Column('float8', { name: 'delta_sum', nullable: true })
  deltaSum: number | null;

  @Column('float8', { name: 'delta_sum_low', nullable: true })
  deltaSumLow: number | null;

  @PrimaryColumn('int', { name: 'series_id', primaryKeyConstraintName: 'sample_chunk_pkey' })
  seriesId: number;

  @Column('int', { name: 'sample_count' })
  sampleCount: number;

  @PrimaryColumn('boolean', { name: 'is_merged', primaryKeyConstraintName: 'sample_chunk_pkey' })
  isMerged: boolean;

  /** The offsets in milliseconds since `start_at`, in ascending order. */
  @Column('int', { name: 'offsets_ms', array: true })
  offsetsMs: Int32Array;

  @Column('float8', { array: true })
  values: Float64Array;
}
