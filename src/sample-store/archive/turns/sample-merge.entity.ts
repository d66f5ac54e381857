import { Check, Column, Entity, PrimaryColumn } from 'typeorm';

/** The only row of `sample_merge`, which says which turns of merged blocks count. */
@Check('sample_merge_one_row', 'id = 1')
@Entity('sample_merge', { synchronize: false })
export class SampleMergeEntity {
  @PrimaryColumn('int', { default: 1, primaryKeyConstraintName: 'sample_merge_pkey' })
  id: number;

  /** The newest turn that counts. */
  @Column('bigint', { default: 0 })
  turn: string;

  /** The newest turn that was begun. A number is never used again. */
  @Column('bigint', { name: 'tried_turn', default: 0 })
  triedTurn: string;

  /** The turns up to `turn` that do not count, because they failed. */
  @Column('int8multirange', { default: () => `'{}'` })
  abandoned: string;

  /** The time since when merged blocks are changed by turns; null as long as a process of an older version may be alive. */
  @Column('timestamptz', { name: 'begun_at', nullable: true })
  begunAt: Date | null;

  /** What was replaced up to this turn is deleted a day after `sweep_at`, when nobody reads it any more. */
  @Column('bigint', { name: 'sweep_turn', default: 0 })
  sweepTurn: string;

  /** The time at which `sweep_turn` was the newest turn. */
  @Column('timestamptz', { name: 'sweep_at', default: () => 'now()' })
  sweepAt: Date;

  /** Up to this turn, nothing is left to delete. */
  @Column('bigint', { name: 'swept_turn', default: 0 })
  sweptTurn: string;
}
