import { Check, Column, Entity, PrimaryColumn } from 'typeorm';

/**
 * The only row of `forwarding`: which process forwards, and how far it has got. There is no row until a process with
 * REMOTE_WRITE_URL has started.
 */
@Entity('forwarding', { synchronize: false })
@Check('forwarding_only_one', 'id = 1')
export class ForwardingEntity {
  @PrimaryColumn('int', { primaryKeyConstraintName: 'forwarding_pkey' })
  id: number;

  /** A random name of the process that holds the lease, or null after it has given the lease back. */
  @Column('text', { nullable: true })
  holder: string | null;

  /** A number that grows with each change of the holder. By this number, a process notices that it has lost the lease. */
  @Column('bigint', { default: 0 })
  term: string;

  /** The time until which the holder has the lease. */
  @Column('timestamptz', { name: 'expires_at' })
  expiresAt: Date;

  /**
   * True once positions and totals are stored. From then on, rows that leave the log before they are forwarded are moved to
   * `forwarding_row`.
   */
  @Column('boolean', { name: 'is_started', default: false })
  isStarted: boolean;

  /** Everything that arrived before this time has been forwarded. */
  @Column('timestamptz', { name: 'forwarded_until', default: () => 'clock_timestamp()' })
  forwardedUntil: Date;

  /**
   * The writers of the rows that are being forwarded; null if there are none. `claimed_sequences` contains the last such row of
   * each writer. A process that repeats the work of another one sends exactly these rows, and therefore the same values.
   */
  @Column('int', { name: 'claimed_writers', array: true, nullable: true })
  claimedWriters: number[] | null;

  @Column('bigint', { name: 'claimed_sequences', array: true, nullable: true })
  claimedSequences: string[] | null;

  /** The newest correction that the totals contain. */
  @Column('bigint', { name: 'correction_id', default: 0 })
  correctionId: string;

  /** True if samples were left out of the totals, so that the totals must be computed again. */
  @Column('boolean', { name: 'has_gap', default: false })
  hasGap: boolean;

  /** The number of samples that were not kept for the target, because the queue was full. */
  @Column('bigint', { name: 'left_out_samples', default: 0 })
  leftOutSamples: string;

  /** The settings of the holder, which also apply in processes without REMOTE_WRITE_URL. */
  @Column('bigint', { name: 'max_queue_bytes' })
  maxQueueBytes: string;

  @Column('int', { name: 'max_queue_seconds' })
  maxQueueSeconds: number;

  /** The target has received stale markers for all series that were deleted before this time. */
  @Column('timestamptz', { name: 'ended_until', default: () => 'clock_timestamp()' })
  endedUntil: Date;

  /**
   * A random id of this installation, by which it recognises samples that it has forwarded itself. It is null only until a
   * process takes the lease.
   */
  @Column('uuid', { nullable: true })
  installation: string | null;
}
