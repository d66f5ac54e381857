import { Column, Entity, PrimaryColumn } from 'typeorm';

/**
 * A row of `forwarding_position`: how far the rows of a writer have been forwarded. Rows of different writers become visible in
 * any order, but those of one writer in the order of their sequence numbers, so one number for each writer is exact.
 */
@Entity('forwarding_position', { synchronize: false })
export class ForwardingPositionEntity {
  @PrimaryColumn('int', { name: 'writer_id', primaryKeyConstraintName: 'forwarding_position_pkey' })
  writerId: number;

  /** The sequence number of the last row that was forwarded. */
  @Column('bigint')
  sequence: string;
}
