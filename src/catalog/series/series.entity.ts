import {
  Check,
  Column,
  CreateDateColumn,
  Entity,
  Index,
  JoinColumn,
  ManyToOne,
  PrimaryGeneratedColumn,
  type Relation,
  Unique,
} from 'typeorm';
import { MetricEntity } from '../metric/metric.entity.js';
import type { Temporality } from '../metric/metric.js';

/** Row of `series`: what the compaction has summed up so far, and who it is. */
@Entity('series')
@Unique('series_identity_key', ['identity'])
@Index('series_metric_id', ['metricId'])
@Index('series_removed', ['id'], { where: 'forgotten_at IS NOT NULL OR deleted_at IS NOT NULL' })
@Check('series_temporality_known', `temporality IN ('delta', 'cumulative')`)
export class SeriesEntity {
  @PrimaryGeneratedColumn('identity', { generatedIdentity: 'BY DEFAULT', primaryKeyConstraintName: 'series_pkey' })
  id: number;

  @Column('int', { name: 'metric_id' })
  metricId: number;

  @ManyToOne(() => MetricEntity, { onDelete: 'CASCADE' })
  @JoinColumn({ name: 'metric_id', foreignKeyConstraintName: 'series_metric_id_fkey' })
  metric: Relation<MetricEntity>;

  /** SHA-256 over the name and the sorted labels. */
  @Column('bytea')
  identity: Buffer;

  @Column('jsonb')
  labels: Record<string, string>;

  /** Of a counter, fixed with its first sample; null for a gauge. */
  @Column('text', { nullable: true })
  temporality: Temporality | null;

  @Column('int', { name: 'created_by_token_id', nullable: true })
  createdByTokenId: number | null;

  @CreateDateColumn({ name: 'created_at', type: 'timestamptz' })
  createdAt: Date;

  /** Sum of the deltas that have left the log: high double of a compensated sum. */
  @Column('float8', { default: 0 })
  total: number;

  @Column('float8', { name: 'total_low', default: 0 })
  totalLow: number;

  @Column('float8', { name: 'last_value', nullable: true })
  lastValue: number | null;

  @Column('timestamptz', { name: 'last_at', nullable: true })
  lastAt: Date | null;

  /** With the writer and the sequence, what parts two samples of the same time. */
  @Column('timestamptz', { name: 'last_received_at', nullable: true })
  lastReceivedAt: Date | null;

  @Column('int', { name: 'last_writer_id', nullable: true })
  lastWriterId: number | null;

  @Column('bigint', { name: 'last_sequence', nullable: true })
  lastSequence: string | null;

  /** When a sample last arrived, whatever its own time. */
  @Column('timestamptz', { name: 'pushed_at', nullable: true })
  pushedAt: Date | null;

  /** Idle and without samples: not in memory any more. The next push brings it back. */
  @Column('timestamptz', { name: 'forgotten_at', nullable: true })
  forgottenAt: Date | null;

  /** Removed on purpose; its identity is free for a new series. */
  @Column('timestamptz', { name: 'deleted_at', nullable: true })
  deletedAt: Date | null;
}
