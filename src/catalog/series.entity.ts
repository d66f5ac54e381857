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
import { MetricEntity } from './metric.entity.js';
import type { Temporality } from './metric.js';

/** Row of `series`: what the fold has summed up so far, and who it is. */
@Entity('series')
@Unique('series_identity_key', ['identity'])
@Index('series_metric_id', ['metricId'])
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
}
