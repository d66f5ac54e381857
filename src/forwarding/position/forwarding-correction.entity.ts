import { Column, Entity, PrimaryColumn } from 'typeorm';

/**
 * A row of `forwarding_correction`: samples that a correction has deleted while rows that contain them may have waited for the
 * target. They are not forwarded.
 */
@Entity('forwarding_correction', { synchronize: false })
export class ForwardingCorrectionEntity {
  @PrimaryColumn('bigint', { name: 'correction_id', primaryKeyConstraintName: 'forwarding_correction_pkey' })
  correctionId: string;

  @Column('int', { name: 'series_ids', array: true })
  seriesIds: Int32Array;

  /** The first time of the range, in milliseconds since the epoch. */
  @Column('bigint', { name: 'from_ms' })
  fromMs: string;

  /** The first time after the range, in milliseconds since the epoch. */
  @Column('bigint', { name: 'to_ms' })
  toMs: string;

  /**
   * The writers of the rows that waited. `sequences` contains the last such row of each writer; later rows never contained the
   * deleted samples.
   */
  @Column('int', { array: true })
  writers: number[];

  @Column('bigint', { array: true })
  sequences: string[];
}
