import { Check, Column, CreateDateColumn, Entity, PrimaryGeneratedColumn, Unique } from 'typeorm';
import type { MetricType, Temporality } from './metric.js';

/** Row of `metric`. */
@Entity('metric')
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

  /** Declared for every sender, or null: then token, series or server decide. */
  @Column('text', { nullable: true })
  temporality: Temporality | null;

  @Column('text', { nullable: true })
  help: string | null;

  @Column('text', { nullable: true })
  unit: string | null;

  @CreateDateColumn({ name: 'created_at', type: 'timestamptz' })
  createdAt: Date;

  /** When something was last said of it: what other processes look for. */
  @Column('timestamptz', { name: 'updated_at', default: () => 'now()' })
  updatedAt: Date;

  /** Removed on purpose; its name is free for a new metric. */
  @Column('timestamptz', { name: 'deleted_at', nullable: true })
  deletedAt: Date | null;
}
