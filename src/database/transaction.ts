import type { DataSource, QueryRunner } from 'typeorm';
import { DatabaseTimeoutError, isLockTimeout, isUnanswered } from './outage.js';
import { requestWaitOf, STATEMENT_GRACE_MS } from './connections/bounded-data-source.js';
import { distrustConnection, limitStatements } from './connections/bounded-query-runner.js';
import { StoreUnavailableError } from './store-unavailable.error.js';
import { StoreWait, timeLeft } from './store-wait.js';

/**
 * The time limits of a transaction. Usually a client waits for the transaction. So the transaction fails if it waits for a lock
 * longer than a request may wait for Postgres (`STORE_WAIT_MS`), even if its statements may take longer.
 */
export interface TransactionLimits {
  /** Postgres cancels a statement that takes longer; 0 means no limit. */
  readonly statementTimeoutMs: number;
  /**
   * Postgres ends a session that waits longer than this for the next statement, and thereby releases the locks of a frozen or
   * unreachable process; 0 means no limit.
   */
  readonly idleTimeoutMs: number;
  /**
   * True if no client waits for the transaction. Its waits for locks are then limited only by the time limit of its statements.
   */
  readonly isBackground?: boolean;
  /** The time in milliseconds for which the request has waited for Postgres before the transaction; the default is 0. */
  readonly waitedMs?: number;
}

/** Asks for a consistent view of the whole transaction. */
interface Snapshot {
  /** Tables that are locked before the view begins, so that nobody drops them. */
  readonly locked: readonly string[] | undefined;
}

/** Maximum time for the rollback of a failed transaction; after that, its connection is destroyed. */
const ROLLBACK_DEADLINE_MS = 2_000;

/** After this time a lock that was not free is likely to be free. */
const BUSY_RETRY_AFTER_SECONDS = 5;

/**
 * Postgres gives up a connection that has not acknowledged data for this time. Keepalives detect a dead connection about as fast.
 */
const TCP_TIMEOUT_MS = 20_000;
const KEEPALIVE_IDLE_SECONDS = 10;
const KEEPALIVE_INTERVAL_SECONDS = 5;
const KEEPALIVE_COUNT = 2;

/**
 * Runs a task in a transaction, which is committed when the task ends and rolled back when it throws.
 *
 * Only this file begins transactions. A connection whose rollback Postgres has not confirmed is destroyed, because it would fail
 * every later user of the pool. {@link boundDataSource} does the same for a connection that is not idle after a single statement.
 */
export async function inTransaction<T>(
  dataSource: DataSource,
  limits: TransactionLimits,
  task: (runner: QueryRunner) => Promise<T>,
): Promise<T> {
  return withBegun(dataSource, limits, async (runner) => {
    const result = await task(runner);
    await runner.commitTransaction();
    return result;
  });
}

/**
 * Runs a read-only task in one consistent snapshot. The transaction is always rolled back, since nothing was written.
 *
 * @param locked tables that nobody can drop from the moment before the snapshot. A table that is dropped after it would be gone
 * from the snapshot, too, while the rows that replace it would not be there yet.
 */
export async function inSnapshot<T>(
  dataSource: DataSource,
  limits: TransactionLimits,
  task: (runner: QueryRunner) => Promise<T>,
  locked?: readonly string[],
): Promise<T> {
  const taskOfSnapshot = async (runner: QueryRunner) => {
    const result = await task(runner);
    await rollBack(runner);
    return result;
  };
  return withBegun(dataSource, limits, taskOfSnapshot, { locked });
}

/**
 * Runs a task on a connection outside of a transaction, for a single statement that TypeORM can't send. The statement has the
 * usual deadline of the DataSource.
 */
export function onConnection<T>(dataSource: DataSource, task: (client: unknown) => Promise<T>): Promise<T> {
  return withRunner(dataSource, async (runner) => task(await runner.connect()));
}

/**
 * Waits for a statement or a transaction that has a `lock_timeout`.
 *
 * @param message the message for the client if a lock was not free in time
 * @throws StoreUnavailableError in that case
 */
export async function orBusy<T>(work: Promise<T>, message: string): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw isLockTimeout(error) ? new StoreUnavailableError(message, BUSY_RETRY_AFTER_SECONDS) : error;
  }
}

async function withRunner<T>(dataSource: DataSource, task: (runner: QueryRunner) => Promise<T>): Promise<T> {
  const runner = dataSource.createQueryRunner();
  try {
    return await task(runner);
  } catch (error) {
    if (isUnanswered(error)) distrustConnection(runner);
    else await rollBack(runner);
    throw error;
  } finally {
    await runner.release();
  }
}

/**
 * Begins a transaction and runs a task in it. A client does not wait longer for the beginning than it may wait for Postgres, even
 * if no connection can be established. A transaction that begins after that is rolled back immediately.
 */
function withBegun<T>(
  dataSource: DataSource,
  limits: TransactionLimits,
  task: (runner: QueryRunner) => Promise<T>,
  snapshot?: Snapshot,
): Promise<T> {
  const waitMs = limits.isBackground === true ? undefined : requestWaitOf(dataSource);
  const wait = new StoreWait(limits.waitedMs);
  const leftMs = () => (waitMs === undefined ? null : Math.ceil(timeLeft(waitMs, wait)));
  return new Promise((resolve, reject) => {
    const beginning = new Beginning(leftMs, reject);
    withRunner(dataSource, async (runner) => {
      await begin(runner, limits, beginning, snapshot);
      beginning.noteEnd();
      return task(runner);
    })
      .then(resolve, reject)
      .finally(() => beginning.stopClock());
  });
}

/** The time in which a transaction has to begin. */
class Beginning {
  private timer: NodeJS.Timeout | undefined;
  private tooLate: DatabaseTimeoutError | undefined;

  /**
   * @param leftMs returns how long the request may still wait for Postgres; null means no limit
   * @param giveUp is called with an error when this time is over
   */
  constructor(
    private readonly leftMs: () => number | null,
    private readonly giveUp: (error: DatabaseTimeoutError) => void,
  ) {
    this.startClock(leftMs(), 0);
  }

  /**
   * Records that Postgres has answered on the connection of the transaction. From then on, Postgres itself ends each wait for a lock,
   * and it gets a little more time, because only its error says that a lock was the reason.
   *
   * @returns the maximum wait for one lock; null means the default of the role, which is usually no limit
   * @throws DatabaseTimeoutError if the time is over
   */
  noteAnswer(): number | null {
    this.noteEnd();
    const lockTimeoutMs = this.leftMs();
    this.startClock(lockTimeoutMs, STATEMENT_GRACE_MS);
    return lockTimeoutMs;
  }

  /** @throws DatabaseTimeoutError if the transaction has begun too late */
  noteEnd(): void {
    this.stopClock();
    if (this.tooLate !== undefined) throw this.tooLate;
  }

  stopClock(): void {
    clearTimeout(this.timer);
  }

  private startClock(leftMs: number | null, graceMs: number): void {
    if (leftMs === null) return;
    this.timer = setTimeout(() => {
      this.tooLate = new DatabaseTimeoutError(`no transaction within ${leftMs} ms`);
      this.giveUp(this.tooLate);
    }, leftMs + graceMs);
  }
}

async function begin(
  runner: QueryRunner,
  limits: TransactionLimits,
  beginning: Beginning,
  snapshot: Snapshot | undefined,
): Promise<void> {
  await runner.startTransaction(snapshot && 'REPEATABLE READ');
  const lockTimeoutMs = beginning.noteAnswer();
  const tables = snapshot?.locked ?? [];
  // All in one round trip. Neither SET nor LOCK begins the snapshot, whereas a SELECT would.
  await runner.query(
    [
      ...settingsOf(limits, lockTimeoutMs),
      ...(tables.length === 0
        ? []
        : [`LOCK TABLE ${tables.map((table) => `ONLY ${table}`).join(', ')} IN ACCESS SHARE MODE`]),
    ].join('; '),
  );
  limitStatements(runner, limits.statementTimeoutMs === 0 ? 0 : limits.statementTimeoutMs + STATEMENT_GRACE_MS);
}

/** Returns the statements that set all limits for this transaction only, because a pooler may give the session to another client. */
function settingsOf(limits: TransactionLimits, lockTimeoutMs: number | null): string[] {
  const values = {
    statement_timeout: limits.statementTimeoutMs,
    lock_timeout: lockTimeoutMs,
    idle_in_transaction_session_timeout: limits.idleTimeoutMs,
    tcp_user_timeout: TCP_TIMEOUT_MS,
    tcp_keepalives_idle: KEEPALIVE_IDLE_SECONDS,
    tcp_keepalives_interval: KEEPALIVE_INTERVAL_SECONDS,
    tcp_keepalives_count: KEEPALIVE_COUNT,
  };
  return Object.entries(values).flatMap(([name, value]) => (value === null ? [] : [`SET LOCAL ${name} = ${value}`]));
}

async function rollBack(runner: QueryRunner): Promise<void> {
  if (!runner.isTransactionActive || runner.isReleased) return;
  limitStatements(runner, ROLLBACK_DEADLINE_MS);
  try {
    await runner.rollbackTransaction();
  } catch {
    distrustConnection(runner);
  }
}
