import { Column, Entity, PrimaryGeneratedColumn, Unique } from 'typeorm';

/** A row of `refusal`: the newest of all refusals with one token, reason and metric. */
@Entity('refusal', { synchronize: false })
@Unique('refusal_of_token', ['tokenId', 'reason', 'metric'])
export class RefusalEntity {
  @PrimaryGeneratedColumn('identity', {
    type: 'bigint',
    generatedIdentity: 'ALWAYS',
    primaryKeyConstraintName: 'refusal_pkey',
  })
  id: string;

  /** The token of the push, or 0 if it is unknown. There is no foreign key, because no token has the id 0. */
  @Column('int', { name: 'token_id' })
  tokenId: number;

  @Column('text')
  reason: string;

  /** The name as the client sent it, shortened; empty for a whole request. */
  @Column('text')
  metric: string;

  @Column('text')
  message: string;

  /** The value as the client sent it, shortened. */
  @Column('text', { nullable: true })
  value: string | null;

  @Column('timestamptz', { name: 'first_at' })
  firstAt: Date;

  @Column('timestamptz', { name: 'last_at' })
  lastAt: Date;

  @Column('bigint')
  count: string;
}
