import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { CUSTOM_METRICS_DATA_SOURCE } from '../../database/data-source.token.js';
import { encodeByteaArray } from '../../database/binary/bytea-array.js';
import { encodeInt4Array } from '../../database/binary/packed-array.js';
import { KnownDatabase } from '../../database/known-database.js';
import { errorCodeOf } from '../../database/outage.js';
import { DatabaseSchema } from '../../database/schema/database-schema.js';
import { MAX_INSTALLATIONS } from '../circle/installations-header.js';
import { type Changes, type HeldState, type Lease, LostLeaseError, type Positions } from './lease.js';

const QUERY_CANCELED = '57014';

/** The time after which an installation is no longer named if no more samples arrive from it. */
const SOURCE_SECONDS = 3_600;

/** The limits of the queue, which are stored so that they also apply where REMOTE_WRITE_URL is not set. */
export interface QueueLimits {
  readonly queueMaxBytes: number;
  readonly queueMaxAgeSeconds: number;
}

/** The public state of the forwarding. */
export interface ForwardingState {
  /** True if no process holds the lease. */
  readonly isFree: boolean;
  /** Seconds since the last moment at which everything that had arrived was forwarded. */
  readonly lagSeconds: number;
}

/** The totals of a bucket of series, packed. */
export interface PackedBucket {
  readonly bucket: number;
  readonly packed: Uint8Array;
}

interface HeldRow {
  readonly term: string;
  readonly is_started: boolean;
  readonly left_out_samples: string;
  readonly claimed_writers: number[] | null;
  readonly claimed_sequences: string[] | null;
}

interface ChangesRow {
  readonly needs_totals: boolean;
  readonly names: string;
  readonly newest_correction: string;
  readonly installations: string[];
}

/** Contains the SQL for the lease, the position and the totals of the forwarding. */
@Injectable()
export class ForwardingRepository {
  constructor(
    @Inject(CUSTOM_METRICS_DATA_SOURCE) private readonly dataSource: DataSource,
    private readonly known: KnownDatabase,
    private readonly schema: DatabaseSchema,
  ) {}

  /** @returns undefined if no process has ever forwarded */
  async findState(): Promise<ForwardingState | undefined> {
    const [row]: { is_free: boolean; lag: number }[] = await this.dataSource.query(
      `SELECT holder IS NULL OR expires_at < clock_timestamp() AS is_free,
              date_part('epoch', clock_timestamp() - forwarded_until) AS lag
       FROM ${this.schema}.forwarding WHERE ${this.known.condition(1)}`,
      [...this.known.values],
    );
    return row && { isFree: row.is_free, lagSeconds: Math.max(0, row.lag) };
  }

  /**
   * Takes the lease, or extends it.
   *
   * @param lagSeconds see {@link ForwardingState}
   * @returns undefined if another process has it
   */
  async takeLease(
    holder: string,
    seconds: number,
    lagSeconds: number,
    limits: QueueLimits,
  ): Promise<HeldState | undefined> {
    const [row]: HeldRow[] = await this.dataSource.query(
      `INSERT INTO ${this.schema}.forwarding AS held (id, holder, term, expires_at, max_queue_bytes, max_queue_seconds, forwarded_until, installation)
       SELECT 1, $1, 1, clock_timestamp() + make_interval(secs => $2), $3, $4, clock_timestamp() - make_interval(secs => $5), gen_random_uuid()
       WHERE ${this.known.condition(6)}
       ON CONFLICT (id) DO UPDATE SET
         holder = excluded.holder, expires_at = excluded.expires_at, max_queue_bytes = excluded.max_queue_bytes,
         max_queue_seconds = excluded.max_queue_seconds, installation = coalesce(held.installation, excluded.installation), forwarded_until = excluded.forwarded_until, term = held.term + (held.holder IS DISTINCT FROM excluded.holder)::int
       WHERE held.holder IS NOT DISTINCT FROM excluded.holder OR held.holder IS NULL OR held.expires_at < clock_timestamp()
       RETURNING term, is_started, left_out_samples, claimed_writers, claimed_sequences`,
      [holder, seconds, limits.queueMaxBytes, limits.queueMaxAgeSeconds, lagSeconds, ...this.known.values],
    );
    if (row === undefined) return undefined;
    return {
      lease: { holder, term: Number(row.term) },
      isStarted: row.is_started,
      leftOutSamples: Number(row.left_out_samples),
      claimed: positionsOf(row.claimed_writers, row.claimed_sequences),
    };
  }

  /**
   * Extends the lease while work is in progress.
   *
   * @param lagSeconds see {@link ForwardingState}
   * @throws LostLeaseError
   */
  async renewLease(lease: Lease, seconds: number, lagSeconds: number): Promise<void> {
    await this.updateHeld(
      lease,
      `expires_at = clock_timestamp() + make_interval(secs => $3),
       forwarded_until = clock_timestamp() - make_interval(secs => $4)`,
      [seconds, lagSeconds],
    );
  }

  /** Gives the lease back, so that another process can take it immediately. */
  async releaseLease({ holder, term }: Lease): Promise<void> {
    await this.dataSource.query(`UPDATE ${this.schema}.forwarding SET holder = NULL WHERE holder = $1 AND term = $2`, [
      holder,
      term,
    ]);
  }

  /**
   * Stores which rows are forwarded next. A process that continues after a crash sends the same rows.
   *
   * @throws LostLeaseError
   */
  claim(lease: Lease, positions: Positions): Promise<Changes> {
    return this.updateHeld(lease, 'claimed_writers = $3::int[], claimed_sequences = $4::bigint[]', [
      [...positions.keys()],
      [...positions.values()],
    ]);
  }

  /**
   * Returns the state by which the holder of the lease finds out what has changed.
   *
   * @throws LostLeaseError
   */
  look(lease: Lease): Promise<Changes> {
    return this.updateHeld(lease, 'holder = holder', []);
  }

  /**
   * Stores in one statement that the claimed rows have been forwarded, and the totals after them. The statement also deletes
   * those of the rows that were kept for the target.
   *
   * @throws LostLeaseError
   */
  async finish(lease: Lease, positions: Positions, buckets: readonly PackedBucket[], hasGap: boolean): Promise<void> {
    const done: unknown[] = await this.dataSource.query(
      `WITH held AS (
         UPDATE ${this.schema}.forwarding SET claimed_writers = NULL, claimed_sequences = NULL, has_gap = has_gap OR $7::boolean
         WHERE holder = $1 AND term = $2 RETURNING id
       ), reached AS (
         SELECT reached.* FROM unnest($3::int[], $4::bigint[]) AS reached (writer_id, sequence), held
       ), moved AS (
         INSERT INTO ${this.schema}.forwarding_position AS old (writer_id, sequence) SELECT * FROM reached
         ON CONFLICT (writer_id) DO UPDATE SET sequence = greatest(old.sequence, excluded.sequence)
       ), summed AS (
         INSERT INTO ${this.schema}.forwarding_total (bucket, packed)
         SELECT total.* FROM unnest($5::int[], $6::bytea[]) AS total (bucket, packed), held
         ON CONFLICT (bucket) DO UPDATE SET packed = excluded.packed
       ), deleted AS (
         DELETE FROM ${this.schema}.forwarding_row AS kept USING reached
         WHERE kept.writer_id = reached.writer_id AND kept.sequence <= reached.sequence
       )
       SELECT id FROM held WHERE ${this.known.condition(8)}`,
      [
        lease.holder,
        lease.term,
        [...positions.keys()],
        [...positions.values()],
        encodeInt4Array(Int32Array.from(buckets, ({ bucket }) => bucket)),
        encodeByteaArray(buckets.map(({ packed }) => packed)),
        hasGap,
        ...this.known.values,
      ],
    );
    if (done.length === 0) throw new LostLeaseError();
  }

  /** Returns the stored totals of some buckets. Buckets without totals are missing. */
  async findTotals(buckets: readonly number[]): Promise<PackedBucket[]> {
    return this.dataSource.query(
      `SELECT bucket, packed FROM ${this.schema}.forwarding_total WHERE bucket = ANY($1::int[]) AND ${this.known.condition(2)}`,
      [encodeInt4Array(Int32Array.from(buckets)), ...this.known.values],
    );
  }

  /**
   * Returns the bytes of the rows that wait for the target. The size of the table is an upper bound that is cheap to read, so the
   * rows themselves are measured only if it exceeds `worthCounting`.
   */
  async queueBytes(worthCounting: number): Promise<number> {
    const [{ bytes: onDisk }]: [{ bytes: string }] = await this.dataSource.query(
      'SELECT pg_total_relation_size($1) AS bytes',
      [`${this.schema}.forwarding_row`],
    );
    if (Number(onDisk) <= worthCounting) return Number(onDisk);
    try {
      const [{ bytes }]: [{ bytes: string }] = await this.dataSource.query(
        `SELECT coalesce(sum(pg_column_size(series_ids) + pg_column_size("values") + coalesce(pg_column_size(timestamps), 0)), 0) AS bytes
         FROM ${this.schema}.forwarding_row`,
      );
      return Number(bytes);
    } catch (error) {
      // There are too many rows to measure them in time, so they probably fill the table.
      if (errorCodeOf(error) === QUERY_CANCELED) return Number(onDisk);
      throw error;
    }
  }

  /** Returns the time until which the target has learned of deleted series, in milliseconds since the epoch. */
  async findEndedUntil(): Promise<number> {
    const [row]: { at: number }[] = await this.dataSource.query(
      `SELECT round(date_part('epoch', ended_until) * 1000) AS at FROM ${this.schema}.forwarding`,
    );
    return row?.at ?? 0;
  }

  async storeEndedUntil(at: number): Promise<void> {
    await this.dataSource.query(`UPDATE ${this.schema}.forwarding SET ended_until = greatest(ended_until, $1)`, [
      new Date(at),
    ]);
  }

  /**
   * Deletes the state of a forwarding that has not run for longer than the maximum age of its queue. Otherwise the queue of a
   * target that is no longer wanted would stay.
   *
   * @returns whether there was such a state
   */
  async deleteAbandoned(): Promise<boolean> {
    const [, deleted]: [unknown, number] = await this.dataSource.query(
      `DELETE FROM ${this.schema}.forwarding
       WHERE expires_at < clock_timestamp() - make_interval(secs => max_queue_seconds) AND ${this.known.condition(1)}`,
      [...this.known.values],
    );
    if (deleted === 0) return false;
    await this.dataSource.query(
      ['forwarding_row', 'forwarding_position', 'forwarding_total', 'forwarding_correction', 'forwarding_source']
        .map((table) => `DELETE FROM ${this.schema}.${table}`)
        .join('; '),
    );
    return true;
  }

  private async updateHeld({ holder, term }: Lease, assignments: string, values: readonly unknown[]): Promise<Changes> {
    const first = values.length + 3;
    const [[row]]: [ChangesRow[], number] = await this.dataSource.query(
      `UPDATE ${this.schema}.forwarding SET ${assignments}
       WHERE holder = $1 AND term = $2 AND ${this.known.condition(first)}
       RETURNING has_gap OR correction_id < (SELECT coalesce(max(id), 0) FROM ${this.schema}.correction) AS needs_totals,
                 (SELECT coalesce(max(id), 0) FROM ${this.schema}.correction) AS newest_correction,
                 -- A sum is used because a change that is committed late has an earlier time than the newest one.
                 (SELECT coalesce(sum((extract(epoch FROM updated_at) * 1000)::int8), 0)::text FROM ${this.schema}.metric) AS names,
                 array_prepend(installation, ARRAY(
                   SELECT source.installation FROM ${this.schema}.forwarding_source AS source
                   WHERE seen_at > clock_timestamp() - make_interval(secs => ${SOURCE_SECONDS})
                   ORDER BY seen_at DESC LIMIT ${MAX_INSTALLATIONS - 1}
                 ))::text[] AS installations`,
      [holder, term, ...values, ...this.known.values],
    );
    if (row === undefined) throw new LostLeaseError();
    return {
      needsTotals: row.needs_totals,
      names: row.names,
      newestCorrection: row.newest_correction,
      installations: row.installations,
    };
  }
}

function positionsOf(writers: readonly number[] | null, sequences: readonly string[] | null): Positions | undefined {
  if (writers === null || sequences === null) return undefined;
  return new Map(writers.map((writer, index) => [writer, Number(sequences[index])]));
}
