import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';

/**
 * A row of `correction`: a deletion of samples in a time range. The rows are the audit trail, and the newest id tells every
 * process that live values have changed. A correction that finds no sample leaves no row, so the table grows no faster than the
 * samples.
 */
@Entity('correction', { synchronize: false })
export class CorrectionEntity {
  /** Only one correction runs at a time, so the ids are in the order of the commits. */
  @PrimaryGeneratedColumn('identity', {
    type: 'bigint',
    generatedIdentity: 'ALWAYS',
    primaryKeyConstraintName: 'correction_pkey',
  })
  id: string;

  @Column('timestamptz', { default: () => 'clock_timestamp()' })
  at: Date;

  /**
   * The id of the token with which the correction was requested. A token may be deleted later, so the column has no foreign key.
   */
  @Column('int', { name: 'token_id' })
  tokenId: number;

  /** The name of the metric. The metric may be removed later. */
  @Column('text')
  metric: string;

  /** The label filters, as `name=value`. */
  @Column('text', { array: true })
  labels: string[];

  /** The start of the range of sample times, inclusive. */
  @Column('timestamptz', { name: 'from_at' })
  fromAt: Date;

  /** The end of the range, exclusive. */
  @Column('timestamptz', { name: 'to_at' })
  toAt: Date;

  /** The number of series that have lost samples. */
  @Column('int', { name: 'series_count' })
  seriesCount: number;

  @Column('bigint', { name: 'sample_count' })
  sampleCount: string;

  /** The number of blocks and chunks that were rewritten or deleted. */
  @Column('int', { name: 'block_count' })
  blockCount: number;
}
