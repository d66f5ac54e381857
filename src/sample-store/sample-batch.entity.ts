import { Check, Column, Entity, PrimaryColumn } from 'typeorm';
import { encodeFloat8Array, encodeInt4Array, encodeInt8Array } from './packed-array.js';

/**
 * A transformer for a column that is only ever written through the entity: arrays go to Postgres in its binary form,
 * which costs a fifth of the text literal node-postgres would build. Reading is done by the reader with `array_send`.
 */
const writeOnly = <T>(encode: (values: T) => Buffer) => ({
  to: (values: T | null) => (values === null ? null : encode(values)),
  from: (stored: T | null) => stored,
});

/** Row of the log: the samples of one group commit, as parallel arrays. */
@Entity('sample_batch')
@Check(
  'sample_batch_same_length',
  `cardinality(series_ids) = cardinality("values")
          AND (timestamps IS NULL OR cardinality(timestamps) = cardinality(series_ids))`,
)
export class SampleBatchEntity {
  @PrimaryColumn('int', { name: 'writer_id', primaryKeyConstraintName: 'sample_batch_pkey' })
  writerId: number;

  /** Grows by one with each commit of a writer, so its rows become visible in order. */
  @PrimaryColumn('bigint', { primaryKeyConstraintName: 'sample_batch_pkey' })
  sequence: number;

  @Column('timestamptz', { name: 'received_at', default: () => `date_trunc('milliseconds', clock_timestamp())` })
  receivedAt: Date;

  /** Oldest and newest of `timestamps`; null like it. */
  @Column('timestamptz', { name: 'earliest_at', nullable: true })
  earliestAt: Date | null;

  @Column('timestamptz', { name: 'latest_at', nullable: true })
  latestAt: Date | null;

  @Column('int', { name: 'series_ids', array: true, transformer: writeOnly(encodeInt4Array) })
  seriesIds: Int32Array;

  /** Milliseconds since the epoch, one for each sample; null when all have the time of arrival. */
  @Column('bigint', { array: true, nullable: true, transformer: writeOnly(encodeInt8Array) })
  timestamps: Float64Array | null;

  @Column('float8', { array: true, transformer: writeOnly(encodeFloat8Array) })
  values: Float64Array;
}
