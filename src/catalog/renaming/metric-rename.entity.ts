import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A row of `metric_rename`: a rename of a metric, for the audit trail and for repeated requests. */
@Entity('metric_rename', { synchronize: false })
export class MetricRenameEntity {
  /**
   * A number from the sequence of `metric.id`; see `rename_id` of MetricEntity. Only one rename runs at a time, so the ids are in
   * order.
   */
  @PrimaryColumn('int', { primaryKeyConstraintName: 'metric_rename_pkey' })
  id: number;

  @Column('timestamptz', { default: () => 'clock_timestamp()' })
  at: Date;

  /** The id of the token that asked for the rename. A token may be deleted later, so the column has no foreign key. */
  @Column('int', { name: 'token_id' })
  tokenId: number;

  /** The former name. For a histogram or summary, this is the name without the suffixes of its counters. */
  @Column('text', { name: 'from_name' })
  fromName: string;

  /** The new name. The metric may be renamed again or removed later. */
  @Column('text', { name: 'to_name' })
  toName: string;

  /** The number of series of the metric, with those of its counters. */
  @Column('int', { name: 'series_count' })
  seriesCount: number;
}
