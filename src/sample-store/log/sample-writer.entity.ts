import { Column, CreateDateColumn, Entity, PrimaryGeneratedColumn } from 'typeorm';

/** A row of `sample_writer`: one process. Its id and a growing sequence number are the key of everything that it commits. */
@Entity('sample_writer')
export class SampleWriterEntity {
  @PrimaryGeneratedColumn('identity', {
    generatedIdentity: 'BY DEFAULT',
    primaryKeyConstraintName: 'sample_writer_pkey',
  })
  id: number;

  @CreateDateColumn({ name: 'started_at', type: 'timestamptz' })
  startedAt: Date;

  /** Renewed every minute. */
  @Column('timestamptz', { name: 'alive_at', default: () => 'now()' })
  aliveAt: Date;

  /** Sequence number of its newest row that the compaction has moved out of the log. */
  @Column('bigint', { name: 'folded_sequence', default: 0 })
  compactedSequence: string;
}
