import { Column, CreateDateColumn, Entity, PrimaryGeneratedColumn } from 'typeorm';

/**
 * A row of `sample_writer`, which stands for one process. Its id and a growing sequence number are the key of everything that the
 * process commits.
 */
@Entity('sample_writer', { synchronize: false })
export class SampleWriterEntity {
  @PrimaryGeneratedColumn('identity', {
    generatedIdentity: 'BY DEFAULT',
    primaryKeyConstraintName: 'sample_writer_pkey',
  })
  id: number;

  @CreateDateColumn({ name: 'started_at', type: 'timestamptz' })
  startedAt: Date;

  /** The time of the last heartbeat, which is renewed every minute. */
  @Column('timestamptz', { name: 'alive_at', default: () => 'now()' })
  aliveAt: Date;

  /** The sequence number of the process's newest row that the compaction has moved out of the log. */
  @Column('bigint', { name: 'folded_sequence', default: 0 })
  compactedSequence: string;

  /** Whether the process reads blocks. A process of an older version does not. */
  @Column('boolean', { name: 'reads_blocks', default: false })
  readsBlocks: boolean;

  /** Whether the process reloads its live values after a correction. A process of an older version does not. */
  @Column('boolean', { name: 'follows_corrections', default: false })
  followsCorrections: boolean;

  /** Whether the process notices that metrics are renamed. A process of an older version does not. */
  @Column('boolean', { name: 'follows_renames', default: false })
  followsRenames: boolean;

  /** Whether the process changes merged blocks by turns, and reads only current ones. A process of an older version does not. */
  @Column('boolean', { name: 'takes_turns', default: false })
  takesTurns: boolean;
}
