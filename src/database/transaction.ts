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

/** Sets all limits in one round trip and for this transaction only, because a pooler may give the session to another client. */
const SET_LIMITS = `SELECT ${[
  'statement_timeout',
  'lock_timeout',
  'idle_in_transaction_session_timeout',
  'tcp_user_timeout',
  'tcp_keepalives_idle',
  'tcp_keepalives_interval',
  'tcp_keepalives_count',
]
  .map((name, index) => `set_config('${name}', $${index + 1}, true)`)
  .join(', ')}`;

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
  return withBegun(dataSource, limits, undefined, async (runner) => {
    const result = await task(runner);
    await runner.commitTransaction();
    return result;
  });
}

/** Runs a read-only task in one consistent snapshot. The transaction is always rolled back, since nothing was written. */
export async function inSnapshot<T>(
  dataSource: DataSource,
  limits: TransactionLimits,
  task: (runner: QueryRunner) => Promise<T>,
): Promise<T> {
  return withBegun(dataSource, limits, 'REPEATABLE READ', async (runner) => {
    const result = await task(runner);
    await rollBack(runner);
    return result;
  });
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
  isolation: 'REPEATABLE READ' | undefined,
  task: (runner: QueryRunner) => Promise<T>,
): Promise<T> {
  const waitMs = limits.isBackground === true ? undefined : requestWaitOf(dataSource);
  const wait = new StoreWait(limits.waitedMs);
  const leftMs = () => (waitMs === undefined ? null : Math.ceil(timeLeft(waitMs, wait)));
  return untilBegun(leftMs(), (noteBegin) =>
    withRunner(dataSource, async (runner) => {
      await begin(runner, limits, leftMs(), isolation);
      noteBegin();
      return task(runner);
    }),
  );
}

/**
 * Runs a transaction, and stops waiting for it if it has not begun in time.
 *
 * @param deadlineMs null means no limit
 * @param run calls the given function when the transaction has begun; that function throws if the deadline has passed
 * @throws DatabaseTimeoutError
 */
function untilBegun<T>(deadlineMs: number | null, run: (noteBegin: () => void) => Promise<T>): Promise<T> {
  if (deadlineMs === null) return run(() => undefined);
  return new Promise((resolve, reject) => {
    let tooLate: DatabaseTimeoutError | undefined;
    const timer = setTimeout(() => {
      tooLate = new DatabaseTimeoutError(`no transaction within ${deadlineMs} ms`);
      reject(tooLate);
    }, deadlineMs);
    const noteBegin = () => {
      clearTimeout(timer);
      if (tooLate !== undefined) throw tooLate;
    };
    run(noteBegin)
      .then(resolve, reject)
      .finally(() => clearTimeout(timer));
  });
}

/** @param lockTimeoutMs maximum wait for one lock; null means the default of the role, which is usually no limit */
async function begin(
  runner: QueryRunner,
  limits: TransactionLimits,
  lockTimeoutMs: number | null,
  isolation: 'REPEATABLE READ' | undefined,
): Promise<void> {
  await runner.startTransaction(isolation);
  await runner.query(
    SET_LIMITS,
    [
      limits.statementTimeoutMs,
      lockTimeoutMs,
      limits.idleTimeoutMs,
      TCP_TIMEOUT_MS,
      KEEPALIVE_IDLE_SECONDS,
      KEEPALIVE_INTERVAL_SECONDS,
      KEEPALIVE_COUNT,
    ].map((limit) => (limit === null ? null : String(limit))),
  );
  limitStatements(runner, limits.statementTimeoutMs === 0 ? 0 : limits.statementTimeoutMs + STATEMENT_GRACE_MS);
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
