import { Column, CreateDateColumn, Entity, PrimaryColumn } from 'typeorm';

/** A row of `token_usage`, which counts the samples of a token that all processes have accepted and refused. */
@Entity('token_usage', { synchronize: false })
export class TokenUsageEntity {
  @PrimaryColumn('int', { name: 'token_id', primaryKeyConstraintName: 'token_usage_pkey' })
  tokenId: number;

  @Column('bigint')
  accepted: string;

  @Column('bigint')
  refused: string;

  /** The time of the first count. */
  @CreateDateColumn({ name: 'since', type: 'timestamptz' })
  since: Date;
}
