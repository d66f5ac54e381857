import { setTimeout as sleep } from 'node:timers/promises';
import { Inject, Injectable } from '@nestjs/common';
import { DataSource, type QueryRunner } from 'typeorm';
import { CUSTOM_METRICS_DATA_SOURCE } from '../../database/data-source.token.js';
import { inTransaction } from '../../database/transaction.js';
import { isLockTimeout } from '../../database/outage.js';
import {
  BLOCK_SETS,
  MAX_NEW_PARTITIONS,
  missingPartitions,
  type Partition,
  parsePartitionName,
  type PartitionSet,
} from './chunk/chunk-partitions.js';
import { DatabaseSchema } from '../../database/schema/database-schema.js';

/**
 * The time limits of a transaction. A transaction handles a limited number of samples, so it usually takes Postgres a few hundred
 * milliseconds. The limits end it if Postgres is slow, or if the connection or the process hangs, because until then no other
 * process can work on the archive.
 */
const LIMITS = { statementTimeoutMs: 30_000, idleTimeoutMs: 20_000, isBackground: true };

/**
 * Maximum wait for the lock to drop a partition. A partition can be dropped only while nobody reads its set, and a backup may
 * read for hours. New queries queue behind a waiting drop, so the drop gives up soon, and the next turn tries it again.
 */
const DROP_LOCK_TIMEOUT_MS = 500;

/** Maximum wait until other work on the archive is done. A compaction or a merge usually takes less than a second. */
const ARCHIVE_LOCK_TIMEOUT_MS = 10_000;

/**
 * Maximum wait for the lock to create a partition. The transaction of the archive waits for this one meanwhile. Postgres does not
 * know of that wait, so it would not detect a deadlock between the two.
 */
const PARTITION_LOCK_TIMEOUT_MS = 2_000;

/**
 * Maximum wait for older statements to end before an emptied partition is dropped. It is short, because nobody else can work on the
 * archive meanwhile. The next turn waits again.
 */
const OLD_VIEWS_WAIT_MS = 250;
const OLD_VIEWS_POLL_MS = 10;

/**
 * Finds out whether all sessions see what was committed before a transaction got its id. The session of a standby that reports its
 * queries (`hot_standby_feedback`) belongs to no database. Vacuum sees every row.
 */
const IS_SEEN_BY_ALL = `
  SELECT NOT EXISTS (
    SELECT FROM pg_stat_activity
    WHERE pid <> pg_backend_pid() AND backend_type NOT LIKE 'autovacuum%'
      AND (datname = current_database() OR datname IS NULL) AND age(backend_xmin) > age($1::xid)
  ) AS "isSeen"`;

/** A transaction of the archive. Only repositories send statements in it. */
export type ArchiveTransaction = QueryRunner;

/**
 * Runs transactions of the archive, one at a time among all processes, and creates and drops the partitions of blocks and chunks.
 */
@Injectable()
export class ArchiveRepository {
  constructor(
    @Inject(CUSTOM_METRICS_DATA_SOURCE) private readonly dataSource: DataSource,
    private readonly schema: DatabaseSchema,
  ) {}

  /**
   * Runs a task in a transaction that excludes all other transactions of the archive, in every process.
   *
   * @returns undefined, without running the task, if another process has the lock
   */
  async withLock<T>(task: (transaction: ArchiveTransaction) => Promise<T>): Promise<T | undefined> {
    return inTransaction(this.dataSource, LIMITS, async (runner) => {
      const [lock]: [{ taken: boolean }] = await runner.query('SELECT pg_try_advisory_xact_lock($1) AS taken', [
        this.schema.lock('archive'),
      ]);
      return lock.taken ? task(runner) : undefined;
    });
  }

  /** Runs a task like {@link withLock}, but waits a few seconds for the lock before it gives up. */
  async withLockSoon<T>(task: (transaction: ArchiveTransaction) => Promise<T>): Promise<T | undefined> {
    let isTaken = false;
    try {
      return await inTransaction(this.dataSource, LIMITS, async (runner) => {
        await runner.query(`SET LOCAL lock_timeout = ${ARCHIVE_LOCK_TIMEOUT_MS}`);
        await runner.query('SELECT pg_advisory_xact_lock($1)', [this.schema.lock('archive')]);
        isTaken = true;
        return task(runner);
      });
    } catch (error) {
      if (!isTaken && isLockTimeout(error)) return undefined;
      throw error;
    }
  }

  /** Returns the time of the database clock in milliseconds since the epoch. */
  async now(transaction: ArchiveTransaction): Promise<number> {
    const [row]: [{ now: Date }] = await transaction.query('SELECT clock_timestamp() AS now');
    return row.now.getTime();
  }

  /** Returns the time of the newest arrival in milliseconds since the epoch, or 0 if no sample has ever arrived. */
  async newestArrival(transaction: ArchiveTransaction): Promise<number> {
    const [row]: [{ newest: Date | null }] = await transaction.query(
      `SELECT greatest((SELECT max(received_at) FROM ${this.schema}.sample_batch), (SELECT max(pushed_at) FROM ${this.schema}.series)) AS newest`,
    );
    return row.newest?.getTime() ?? 0;
  }

  async findPartitions(transaction: ArchiveTransaction, set: PartitionSet): Promise<Partition[]> {
    const rows: { name: string }[] = await transaction.query(
      `SELECT child.relname AS name FROM pg_inherits JOIN pg_class AS child ON child.oid = inhrelid
       WHERE inhparent = $1::regclass ORDER BY child.relname`,
      [`${this.schema}.${set}`],
    );
    return rows.map(({ name }) => parsePartitionName(name)).filter((partition) => partition !== undefined);
  }

  /**
   * Creates the partitions of merged blocks in a separate transaction, which has been committed when the promise resolves. Merged
   * blocks are not written in the transaction of the archive, so partitions that it has created would not be visible to them.
   *
   * @param times the times of the last samples of the blocks
   * @returns whether all partitions now exist; if not, the next call creates more
   */
  ensureMergedPartitions(times: Iterable<number>, lengthMs: number): Promise<boolean> {
    return inTransaction(this.dataSource, LIMITS, async (own) => {
      await own.query(`SET LOCAL lock_timeout = ${PARTITION_LOCK_TIMEOUT_MS}`);
      return this.ensurePartitions(own, BLOCK_SETS.merged, times, lengthMs);
    });
  }

  /**
   * Creates the partitions that blocks or chunks need, up to the limit of one transaction.
   *
   * @param times the times of the last samples of the blocks or chunks
   * @returns whether all of them now exist; if not, the next transaction creates more
   */
  async ensurePartitions(
    transaction: ArchiveTransaction,
    set: PartitionSet,
    times: Iterable<number>,
    lengthMs: number,
  ): Promise<boolean> {
    const existing = await this.findPartitions(transaction, set);
    const missing = missingPartitions(set, existing, times, lengthMs);
    await this.createPartitions(transaction, set, missing.slice(0, MAX_NEW_PARTITIONS));
    return missing.length <= MAX_NEW_PARTITIONS;
  }

  async createPartitions(
    transaction: ArchiveTransaction,
    set: PartitionSet,
    partitions: readonly Partition[],
  ): Promise<void> {
    for (const partition of partitions) await this.createPartition(transaction, set, partition);
  }

  /**
   * Creates a table and attaches it as a partition. This neither waits for readers nor blocks them, whereas `CREATE TABLE …
   * PARTITION OF` would lock the whole set.
   */
  private async createPartition(
    transaction: ArchiveTransaction,
    set: PartitionSet,
    { name, from, to }: Partition,
  ): Promise<void> {
    // This keeps the whole row of a small block on one page, because parts of it would take more space in a TOAST table. The
    // setting can't be made on the partitioned table, so each partition gets it.
    const settings = set.startsWith('sample_block') ? 'WITH (toast_tuple_target = 4080)' : '';
    await transaction.query(
      `CREATE TABLE ${this.schema}.${name} (LIKE ${this.schema}.${set} INCLUDING ALL) ${settings}`,
    );
    await transaction.query(
      `ALTER TABLE ${this.schema}.${set} ATTACH PARTITION ${this.schema}.${name}
       FOR VALUES FROM ('${new Date(from).toISOString()}') TO ('${new Date(to).toISOString()}')`,
    );
  }

  /**
   * Drops a partition with everything in it. If another process has dropped it in the meantime, nothing is left to do.
   *
   * @param onlyIfEmpty true to keep the partition if it has rows
   * @returns false if the partition is kept, because it has rows, is being read or may still be read, or because another process is
   * working on the archive
   */
  async dropPartition({ name }: Partition, onlyIfEmpty: boolean): Promise<boolean> {
    try {
      const dropped = await this.withLock(async (transaction) => {
        await transaction.query(`SET LOCAL lock_timeout = ${DROP_LOCK_TIMEOUT_MS}`);
        const [row]: [{ exists: boolean }] = await transaction.query('SELECT to_regclass($1) IS NOT NULL AS exists', [
          `${this.schema}.${name}`,
        ]);
        if (!row.exists) return true;
        if (onlyIfEmpty) {
          const rows: unknown[] = await transaction.query(`SELECT 1 FROM ${this.schema}.${name} LIMIT 1`);
          if (rows.length > 0 || !(await this.isMoveSeenByAll(transaction))) return false;
        }
        await transaction.query(`DROP TABLE ${this.schema}.${name}`);
        return true;
      });
      return dropped ?? false;
    } catch (error) {
      if (isLockTimeout(error)) return false;
      throw error;
    }
  }

  /**
   * Waits a little until every statement and snapshot that began before rows were moved has ended. One that has not read the emptied
   * partition yet holds no lock on it. After the drop, it would find the rows neither there nor, since it does not see the move, where
   * they are now.
   *
   * @returns false if some have not ended, such as that of a slow export
   */
  private async isMoveSeenByAll(transaction: ArchiveTransaction): Promise<boolean> {
    const [{ now }]: [{ now: string }] = await transaction.query('SELECT pg_current_xact_id()::xid::text AS now');
    for (const until = performance.now() + OLD_VIEWS_WAIT_MS; ; await sleep(OLD_VIEWS_POLL_MS)) {
      // Otherwise, a transaction sees the other sessions as they were when it first looked.
      await transaction.query('SELECT pg_stat_clear_snapshot()');
      const [{ isSeen }]: [{ isSeen: boolean }] = await transaction.query(IS_SEEN_BY_ALL, [now]);
      if (isSeen || performance.now() > until) return isSeen;
    }
  }
}
