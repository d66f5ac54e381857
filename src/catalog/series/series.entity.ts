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

/** A row of the table `series`: the identity of a series, and its total and last sample as of the last compaction. */
@Entity('series', { synchronize: false })
@Unique('series_identity_key', ['identity'])
@Index('series_metric_id', ['metricId'])
@Index('series_current', ['metricId', 'id'], { where: 'deleted_at IS NULL AND forgotten_at IS NULL' })
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

  /** SHA-256 of the metric name and the sorted labels. */
  @Column('bytea')
  identity: Buffer;

  @Column('jsonb')
  labels: Record<string, string>;

  /** The temporality, which is fixed by the first sample; null for a gauge, unless its samples are changes. */
  @Column('text', { nullable: true })
  temporality: Temporality | null;

  @Column('int', { name: 'created_by_token_id', nullable: true })
  createdByTokenId: number | null;

  /**
   * True if the first sample came by remote write; see {@link Series.isScraped}. If the series was forgotten, the first sample
   * after that decides again.
   */
  @Column('boolean', { name: 'is_scraped', default: false })
  isScraped: boolean;

  @CreateDateColumn({ name: 'created_at', type: 'timestamptz' })
  createdAt: Date;

  /** The sum of the deltas that have left the log, as the high double of a compensated sum. */
  @Column('float8', { default: 0 })
  total: number;

  @Column('float8', { name: 'total_low', default: 0 })
  totalLow: number;

  @Column('float8', { name: 'last_value', nullable: true })
  lastValue: number | null;

  @Column('timestamptz', { name: 'last_at', nullable: true })
  lastAt: Date | null;

  /** The time at which the last sample arrived. Together with writer and sequence, it orders samples with the same time. */
  @Column('timestamptz', { name: 'last_received_at', nullable: true })
  lastReceivedAt: Date | null;

  @Column('int', { name: 'last_writer_id', nullable: true })
  lastWriterId: number | null;

  @Column('bigint', { name: 'last_sequence', nullable: true })
  lastSequence: string | null;

  /** The time at which a sample last arrived, regardless of that sample's own time. */
  @Column('timestamptz', { name: 'pushed_at', nullable: true })
  pushedAt: Date | null;

  /**
   * The time at which the series was removed from memory because it was idle and had no stored samples. The next push restores
   * it.
   */
  @Column('timestamptz', { name: 'forgotten_at', nullable: true })
  forgottenAt: Date | null;

  /** The time of deletion. The identity of a deleted series is free for a new one. */
  @Column('timestamptz', { name: 'deleted_at', nullable: true })
  deletedAt: Date | null;
}
