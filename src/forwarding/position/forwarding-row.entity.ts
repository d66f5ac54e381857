import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A row of `forwarding_row`: a row of the log that was compacted before it was forwarded. The columns are those of the log. */
@Entity('forwarding_row', { synchronize: false })
export class ForwardingRowEntity {
  @PrimaryColumn('int', { name: 'writer_id', primaryKeyConstraintName: 'forwarding_row_pkey' })
  writerId: number;

  @PrimaryColumn('bigint', { primaryKeyConstraintName: 'forwarding_row_pkey' })
  sequence: string;

  @Column('timestamptz', { name: 'received_at' })
  receivedAt: Date;

  @Column('int', { name: 'series_ids', array: true })
  seriesIds: Int32Array;

  @Column('bigint', { array: true, nullable: true })
  timestamps: Float64Array | null;

  @Column('float8', { array: true })
  values: Float64Array;
}
