import { Column, Entity, PrimaryGeneratedColumn, Unique } from 'typeorm';

/** A row of `refusal`, which summarises all refusals with the same token, reason and metric. */
@Entity('refusal', { synchronize: false })
@Unique('refusal_of_token', ['tokenId', 'reason', 'metric'])
export class RefusalEntity {
  @PrimaryGeneratedColumn('identity', {
    type: 'bigint',
    generatedIdentity: 'ALWAYS',
    primaryKeyConstraintName: 'refusal_pkey',
  })
  id: string;

  /** The id of the push's token, or 0 if the token is unknown. No token has the id 0, so the column has no foreign key. */
  @Column('int', { name: 'token_id' })
  tokenId: number;

  @Column('text')
  reason: string;

  /** The name as the client sent it, but shortened. It is empty if a whole request was refused. */
  @Column('text')
  metric: string;

  @Column('text')
  message: string;

  /** The value as the client sent it, but shortened. */
  @Column('text', { nullable: true })
  value: string | null;

  @Column('timestamptz', { name: 'first_at' })
  firstAt: Date;

  @Column('timestamptz', { name: 'last_at' })
  lastAt: Date;

  @Column('bigint')
  count: string;
}
