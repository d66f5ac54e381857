import { Column, Entity, Index, JoinColumn, ManyToOne, PrimaryColumn, type Relation } from 'typeorm';
import { SeriesEntity } from '../../../catalog/series/series.entity.js';

/** A row of the table `push_group_series`: a series and the group that pushed it last. */
@Entity('push_group_series', { synchronize: false })
@Index('push_group_series_identity', ['groupIdentity'])
export class PushGroupSeriesEntity {
  @PrimaryColumn('int', { name: 'series_id', primaryKeyConstraintName: 'push_group_series_pkey' })
  seriesId: number;

  @ManyToOne(() => SeriesEntity, { onDelete: 'CASCADE' })
  @JoinColumn({ name: 'series_id', foreignKeyConstraintName: 'push_group_series_series_id_fkey' })
  series: Relation<SeriesEntity>;

  /** SHA-256 of the group's labels. */
  @Column('bytea', { name: 'group_identity' })
  groupIdentity: Buffer;
}
