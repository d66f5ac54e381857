import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A row of `forwarding_source`: an installation whose samples have arrived here, directly or through others. */
@Entity('forwarding_source', { synchronize: false })
export class ForwardingSourceEntity {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'forwarding_source_pkey' })
  installation: string;

  /** The time at which its last samples arrived, give or take a minute. */
  @Column('timestamptz', { name: 'seen_at' })
  seenAt: Date;
}
