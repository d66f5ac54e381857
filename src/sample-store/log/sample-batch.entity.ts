import { Check, Column, Entity, Index, PrimaryColumn } from 'typeorm';

/**
 * A row of the log: the samples of one group commit, as parallel arrays. The repository writes and reads the arrays in the binary
 * form of Postgres (packed-array.ts), without TypeORM's conversion.
 */
@Entity('sample_batch', { synchronize: false })
@Index('sample_batch_received_at', ['receivedAt'])
@Check(
  'sample_batch_same_length',
  `cardinality(series_ids) = cardinality("values")
          AND (timestamps IS NULL OR cardinality(timestamps) = cardinality(series_ids))`,
)
export class SampleBatchEntity {
  @PrimaryColumn('int', { name: 'writer_id', primaryKeyConstraintName: 'sample_batch_pkey' })
  writerId: number;

  /**
   * The sequence number, which grows by one with each commit of a writer. Because a writer commits one row at a time, its rows
   * become visible in this order.
   */
  @PrimaryColumn('bigint', { primaryKeyConstraintName: 'sample_batch_pkey' })
  sequence: number;

  @Column('timestamptz', { name: 'received_at', default: () => `date_trunc('milliseconds', clock_timestamp())` })
  receivedAt: Date;

  /** The smallest of `timestamps`; `latestAt` is the largest. Both are null if `timestamps` is null. */
  @Column('timestamptz', { name: 'earliest_at', nullable: true })
  earliestAt: Date | null;

  @Column('timestamptz', { name: 'latest_at', nullable: true })
  latestAt: Date | null;

  @Column('int', { name: 'series_ids', array: true })
  seriesIds: Int32Array;

  /** The time of each sample in milliseconds since the epoch; null if all samples have the time of arrival. */
  @Column('bigint', { array: true, nullable: true })
  timestamps: Float64Array | null;

  @Column('float8', { array: true })
  values: Float64Array;
}
