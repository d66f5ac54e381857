import { Check, Column, CreateDateColumn, Entity, PrimaryGeneratedColumn, Unique } from 'typeorm';
import type { MetricType, Temporality } from './metric.js';

/** A row of the table `metric`. */
@Entity('metric', { synchronize: false })
@Unique('metric_name_key', ['name'])
@Check('metric_type_known', `type IN ('counter', 'gauge', 'histogram')`)
@Check('metric_temporality_known', `temporality IN ('delta', 'cumulative')`)
export class MetricEntity {
  @PrimaryGeneratedColumn('identity', { generatedIdentity: 'BY DEFAULT', primaryKeyConstraintName: 'metric_pkey' })
  id: number;

  @Column('text')
  name: string;

  @Column('text')
  type: MetricType;

  /** The declared default for all clients. If it is null, the token, the series or the server decides. */
  @Column('text', { nullable: true })
  temporality: Temporality | null;

  @Column('text', { nullable: true })
  help: string | null;

  @Column('text', { nullable: true })
  unit: string | null;

  @CreateDateColumn({ name: 'created_at', type: 'timestamptz' })
  createdAt: Date;

  /**
   * The number of the latest rename, or null. It comes from the same sequence as the ids, so of two metrics that had the same
   * name, the one with the larger number (or, without a rename, the larger id) got it later.
   */
  @Column('int', { name: 'rename_id', nullable: true })
  renameId: number | null;

  /** The time of the last change. Other processes use it to find changed metrics. */
  @Column('timestamptz', { name: 'updated_at', default: () => 'now()' })
  updatedAt: Date;

  /** The time of deletion. A deleted metric is renamed, so that its name is free for a new one. */
  @Column('timestamptz', { name: 'deleted_at', nullable: true })
  deletedAt: Date | null;
}
