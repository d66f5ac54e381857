import { setTimeout as sleep } from 'node:timers/promises';
import { UNKNOWN_DATABASE } from './known-database.js';
import { leastTime, type StoreWait, timeLeft, usableWait } from './store-wait.js';

const LOCK_NOT_AVAILABLE = '55P03';
const QUERY_CANCELED = '57014'; // by statement_timeout, or by pg_cancel_backend
const FEATURE_NOT_SUPPORTED = '0A000';
const INTERNAL_ERROR = 'XX000';
const UNTRANSLATABLE_CHARACTER = '22P05';
const POSTMASTER_GONE = 'postmaster was shut down, exiting';

/**
 * SQLSTATE codes of temporary errors: the server is starting or stopping, the database is being restored or replaced, access to
 * it is being changed, a time limit was exceeded, or the transaction lost a race. Source:
 * https://www.postgresql.org/docs/current/errcodes-appendix.html
 */
const PASSING_SQLSTATES = new Set([
  '25P02', // in_failed_sql_transaction: the connection is closed, and the next one works
  '25P03', // idle_in_transaction_session_timeout
  '28000', // invalid_authorization_specification: somebody is changing who may connect
  '28P01', // invalid_password: somebody is changing the password
  '3D000', // invalid_catalog_name: the database was renamed, or is being restored
  '25006', // read_only_sql_transaction: a standby that is being promoted
  UNKNOWN_DATABASE, // not the database that this process has read; everything is being reloaded
  '42P01', // undefined_table: a backup is being restored
  '42883', // undefined_function: a backup is being restored
  '3F000', // invalid_schema_name: likewise, if the schema of a function is missing
  '40001', // serialization_failure
  '40P01', // deadlock_detected
  LOCK_NOT_AVAILABLE,
  QUERY_CANCELED,
  '57P01', // admin_shutdown
  '57P02', // crash_shutdown
  '57P03', // cannot_connect_now
  '57P04', // database_dropped
  '57P05', // idle_session_timeout
]);
/**
 * The classes of SQLSTATEs that mean an outage: connection_exception, insufficient_resources (disk full, too many connections)
 * and system_error (I/O).
 */
const PASSING_SQLSTATE_CLASSES = new Set(['08', '53', '58']);
const NETWORK_ERROR_CODES = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
  // The process or the machine has no free file descriptors, so no connection can be opened until some are closed.
  'EMFILE',
  'ENFILE',
]);
/** Errors of node-postgres without a code, and TypeORM's error for a runner whose connection broke between two statements. */
const CONNECTION_LOST_MESSAGE =
  /Query runner already released|Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error|not queryable|Query read timeout/;

/** Returns the `pg` error inside TypeORM's QueryFailedError, or the error itself. */
function driverErrorOf(error: unknown): { code?: string; message?: string; severity?: string; where?: string } {
  if (typeof error !== 'object' || error === null) return {};
  return 'driverError' in error ? driverErrorOf(error.driverError) : error;
}

/** Returns the SQLSTATE or the network error code, if there is one. */
export function errorCodeOf(error: unknown): string | undefined {
  return driverErrorOf(error).code;
}

/** How an error names the server that it is about, if a table is distributed over several servers. */
const NAMES_SERVER =
  /\b(?:connection to the remote node|connections to the node|failure on connection marked as essential:|while executing command on) (\S{1,300})/;

/**
 * Returns the host and port of the server that has caused an error, if it is another one than that of the database: a distributed table
 * has parts on other servers.
 */
export function otherServerOf(error: unknown): string | undefined {
  const { message = '', where = '' } = driverErrorOf(error);
  // The name of a user may come before the host.
  return (NAMES_SERVER.exec(message) ?? NAMES_SERVER.exec(where))?.[1]!.replace(/^.*@/, '');
}

/**
 * Returns whether a statement is not possible on this database, although it may be right on another one. Citus reports some of these as
 * internal errors.
 */
export function isNotSupported(error: unknown): boolean {
  const code = errorCodeOf(error);
  return (
    code === FEATURE_NOT_SUPPORTED || (code === INTERNAL_ERROR && databaseMessageOf(error).includes('not supported'))
  );
}

/**
 * Returns whether the encoding of the database lacks a character of the statement. A start refuses such a database, but another one
 * may have taken the place of the right one since then.
 */
export function isUnstorableText(error: unknown): boolean {
  const { code, message = '' } = driverErrorOf(error);
  // A NUL in a JSON value has the same code, and names no encoding.
  return code === UNTRANSLATABLE_CHARACTER && message.includes('UTF8');
}

/** Returns whether a statement has waited longer for a lock than `lock_timeout` allows. */
export function isLockTimeout(error: unknown): boolean {
  return errorCodeOf(error) === LOCK_NOT_AVAILABLE;
}

/** Returns the loggable message of an error. TypeORM's own error contains the statement and all its parameters. */
export function databaseMessageOf(error: unknown): string {
  return driverErrorOf(error).message ?? String(error);
}

/**
 * Returns whether waiting and retrying can help, because Postgres is unavailable or busy and the statement itself is not wrong.
 */
export function isOutage(error: unknown): boolean {
  if (error instanceof DatabaseTimeoutError) return true;
  const { code, message, severity } = driverErrorOf(error);
  if (code !== undefined) {
    // The end of a session is not the fault of the statement. The code alone may not show that a session has ended, as with
    // "could not write init file".
    if (severity === 'FATAL' || severity === 'PANIC') return true;
    // A statement on a distributed table has no code of its own if a connection to another server breaks, or if Postgres is killed.
    if (code === INTERNAL_ERROR && (otherServerOf(error) !== undefined || message === POSTMASTER_GONE)) return true;
    return (
      PASSING_SQLSTATES.has(code) || PASSING_SQLSTATE_CLASSES.has(code.slice(0, 2)) || NETWORK_ERROR_CODES.has(code)
    );
  }
  return CONNECTION_LOST_MESSAGE.test(message ?? '');
}

/** Returns whether a statement got no answer within its deadline, so that its connection can't be used any longer. */
export function isUnanswered(error: unknown): boolean {
  const { code, message } = driverErrorOf(error);
  return code === undefined && message === 'Query read timeout';
}

const CERTAINLY_NOT_CARRIED_OUT = new Set([
  'ECONNREFUSED',
  'EMFILE',
  'ENFILE',
  'ENOTFOUND',
  'EAI_AGAIN',
  '25P02',
  '25P03',
  '28000',
  '28P01',
  '3D000',
  '25006',
  UNKNOWN_DATABASE,
  '42P01',
  '42883',
  '3F000',
  '40001',
  '40P01',
  '53100',
  '53200',
  '53300',
  LOCK_NOT_AVAILABLE,
  QUERY_CANCELED,
  '57P03',
]);

/**
 * Returns whether a failed statement may nevertheless have been executed: true unless it was certainly never sent or certainly
 * rolled back. The result is meaningful only for an {@link isOutage} error.
 */
export function isOutcomeUnknown(error: unknown): boolean {
  const { code, message } = driverErrorOf(error);
  // In each case that returns false, the statement was never sent, as with a refused connection, or Postgres has rolled it back.
  if (message === 'could not write init file') return false;
  if (code !== undefined) return !CERTAINLY_NOT_CARRIED_OUT.has(code);
  return !/when trying to connect|not queryable/.test(message ?? '');
}

/**
 * Returns whether a failed statement has certainly changed nothing, so that even a statement that adds to a value may be
 * repeated.
 */
export function hasCertainlyFailed(error: unknown): boolean {
  return !isOutage(error) || !isOutcomeUnknown(error);
}

/** The error for a statement that Postgres did not answer in time, and may still execute. */
export class DatabaseTimeoutError extends Error {
  override readonly name = 'DatabaseTimeoutError';
}

/**
 * Stops waiting for a statement after a deadline. On a silent connection, the wait would otherwise last until TCP gives up,
 * which takes a quarter of an hour.
 *
 * @throws DatabaseTimeoutError
 */
export async function withDeadline<T>(statement: Promise<T>, deadlineMs: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new DatabaseTimeoutError(`no answer within ${deadlineMs} ms`)), deadlineMs);
  });
  try {
    return await Promise.race([statement, deadline]);
  } finally {
    clearTimeout(timer);
  }
}

/** A request begins no further step after it has waited for this many times `waitMs`. */
const MOST_WAITS = 2;

/** Minimum time for the first attempt, even if `waitMs` is shorter, because a busy machine may need it although nothing is wrong. */
const SHORTEST_TRY_MS = 250;

const FIRST_PAUSE_MS = 25;
const LONGEST_PAUSE_MS = 500;

/**
 * Returns the pause in milliseconds after the failed attempt `attempt` (1, 2, …). The pause doubles each time up to a maximum, so
 * that a starting server is not overloaded.
 */
export function pauseBefore(attempt: number): number {
  return Math.min(FIRST_PAUSE_MS * 2 ** Math.min(attempt - 1, 10), LONGEST_PAUSE_MS);
}

/**
 * Runs statements that are safe to repeat, and waits out an outage of Postgres.
 *
 * @param waitMs how long a request may wait for Postgres
 * @param wait the wait of the request; if it is left out, a new wait begins now
 * @throws the last error after this time, or immediately an error that waiting can't fix; DatabaseTimeoutError if the request has
 * waited for much longer in its earlier steps
 */
export async function waitOutOutage<T>(statements: () => Promise<T>, waitMs: number, wait?: StoreWait): Promise<T> {
  // Each step gets a little time even after the wait, so a request with very many steps would be held for as many times.
  if (wait?.isOver(MOST_WAITS * usableWait(waitMs)) === true) {
    throw new DatabaseTimeoutError('Postgres did not answer all statements of the request in time');
  }
  const deadline = performance.now() + timeLeft(waitMs, wait);
  for (let attempt = 1; ; attempt++) {
    const startedAt = performance.now();
    try {
      const leastMs = attempt === 1 ? SHORTEST_TRY_MS : 0;
      const result = await withDeadline(statements(), Math.max(deadline - startedAt, leastMs));
      wait?.noteAnswer(performance.now() - startedAt);
      return result;
    } catch (error) {
      const pause = pauseBefore(attempt);
      if (!isOutage(error) || performance.now() + pause > deadline) throw error;
      // Another statement would wait for the same lock, and occupy a connection longer than the request waits for it.
      if (errorCodeOf(error) === QUERY_CANCELED && performance.now() + leastTime(waitMs) > deadline) throw error;
      await sleep(pause);
    }
  }
}
