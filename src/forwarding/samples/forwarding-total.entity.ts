import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A row of `forwarding_total`: the running totals of 64 series with neighbouring ids, as they were last forwarded. */
@Entity('forwarding_total', { synchronize: false })
export class ForwardingTotalEntity {
  /** The ids of the series, divided by 64 and rounded down. */
  @PrimaryColumn('int', { primaryKeyConstraintName: 'forwarding_total_pkey' })
  bucket: number;

  /** The totals in the form of {@link TotalsBucket}. */
  @Column('bytea')
  packed: Buffer;
}
