import { setTimeout as sleep } from 'node:timers/promises';
import type { QueryRunner } from 'typeorm';
import { DatabaseTimeoutError } from '../outage.js';

/** The part of a node-postgres connection that the module uses. Some drivers lack the optional members. */
export interface PostgresClient extends NodeJS.EventEmitter {
  /** Null while the connection is being established. */
  readonly processID?: number | null;
  /** False from the time a statement is sent until Postgres is ready for the next one. */
  readonly readyForQuery?: boolean;
  /** `I` outside of a transaction, `T` in one, `E` in one that has failed. */
  getTransactionStatus?(): string | null;
  /** node-postgres reads `query_timeout` before each statement, so a change takes effect immediately. */
  readonly connectionParameters?: { query_timeout?: number | false };
  readonly connection?: { readonly stream?: { destroy?(): void } };
}

/**
 * The error of a statement that is aborted because the service is shutting down. It does not count as an outage, so the statement
 * is not retried.
 */
export class ConnectionGivenUpError extends Error {
  override readonly name = 'ConnectionGivenUpError';

  constructor() {
    super('The service is stopping and has closed its connections.');
  }
}

/** Closes a connection without Postgres' termination message, which would not arrive on a silent connection. */
export function cutConnection(client: PostgresClient): void {
  client.connection?.stream?.destroy?.();
}

/** Maximum wait for "ready for query", which Postgres sends a moment after the error of a statement. */
const READY_WAIT_MS = 1_000;

/** Maximum wait for a connection. This limit is higher than that of our own pools, and also applies to pools that have none. */
const CONNECT_DEADLINE_MS = 3_500;

/** Receives events about the connection of a bounded runner. */
export interface ConnectionWatcher {
  /** This is called when a connection has answered and is idle. */
  onIdle(client: PostgresClient): void;
  /**
   * This is called when a connection was destroyed because it was not idle. `isSilent` means that a statement on it was not
   * answered.
   */
  onGivenUp(client: PostgresClient, isSilent: boolean): void;
  /**
   * This is called when a runner begins to wait for a connection. `giveUp` ends this wait, or cuts the connection if the runner
   * already has it. The runner calls the returned function when it has finished.
   */
  onTake(giveUp: (error: Error) => void): () => void;
}

const limits = new WeakMap<QueryRunner, (milliseconds: number) => void>();
const distrusted = new WeakSet<QueryRunner>();

/** Sets the time limit of all further statements of a runner until its release. 0 means no limit. */
export function limitStatements(runner: QueryRunner, milliseconds: number): void {
  limits.get(runner)?.(milliseconds);
}

/** Marks the connection of a runner to be destroyed at its release, because its state is unknown. */
export function distrustConnection(runner: QueryRunner): void {
  distrusted.add(runner);
}

/**
 * Gives each statement of a query runner a deadline, and returns its connection to the pool only if it is known to be idle: an
 * open or failed transaction, or a running statement, would affect the next user.
 *
 * The deadline applies to this runner only, since the pool may be shared with the host's own statements.
 */
export function boundQueryRunner(runner: QueryRunner, deadlineMs: number, watcher: ConnectionWatcher): QueryRunner {
  // TypeORM's types do not declare the one method that destroys a connection.
  const pooled = runner as QueryRunner & { releasePostgresConnection?(error: Error): Promise<void> };
  const connect = runner.connect.bind(runner) as () => Promise<PostgresClient>;
  const release = runner.release.bind(runner);
  let connecting: Promise<PostgresClient> | undefined;
  let releasing: Promise<void> | undefined;
  let client: PostgresClient | undefined;
  let limitMs = deadlineMs;
  let hostLimit: number | false | undefined;
  let isGivenUp = false;
  let stopWatching: (() => void) | undefined;

  // This function uses one promise and one timer, because it is part of every commit, and a race of several promises costs
  // several times as much.
  function take(): Promise<PostgresClient> {
    return new Promise((resolve, reject) => {
      let isOver = false;
      const fail = (error: Error) => {
        if (isOver) return;
        isOver = true;
        clearTimeout(timer);
        stopWatching?.();
        reject(error);
      };
      const timer = setTimeout(
        () => fail(new DatabaseTimeoutError(`no connection within ${CONNECT_DEADLINE_MS} ms`)),
        CONNECT_DEADLINE_MS,
      );
      stopWatching = watcher.onTake((error) => {
        isGivenUp = true;
        if (client !== undefined) cutConnection(client);
        fail(error);
      });
      // A service that is stopping opens no more connections.
      if (isOver) return;
      connect().then((taken) => {
        // A connection that is established after the failure is released here, because nobody else would release it.
        if (isOver) return void release().catch(() => undefined);
        isOver = true;
        clearTimeout(timer);
        client = taken;
        hostLimit = taken.connectionParameters?.query_timeout;
        setLimit(limitMs);
        resolve(taken);
      }, fail);
    });
  }

  function setLimit(milliseconds: number): void {
    limitMs = milliseconds;
    if (client?.connectionParameters) client.connectionParameters.query_timeout = milliseconds;
  }

  async function giveBack(): Promise<void> {
    try {
      if (client === undefined) return await release();
      if (runner.isReleased) {
        // The connection is broken, and the server may not have noticed that.
        if (runner.isTransactionActive) watcher.onGivenUp(client, false);
        return;
      }
      if (!isGivenUp && !distrusted.has(runner) && (isIdle(client) || (await becomesIdle(client)))) {
        if (client.connectionParameters) client.connectionParameters.query_timeout = hostLimit;
        watcher.onIdle(client);
        return await release();
      }
      const isSilent = client.readyForQuery === false;
      await pooled.releasePostgresConnection?.(new Error('The connection is not idle.'));
      cutConnection(client);
      watcher.onGivenUp(client, isSilent);
    } finally {
      stopWatching?.();
    }
  }

  runner.connect = () => (connecting ??= take());
  runner.release = () => (releasing ??= giveBack());
  limits.set(runner, setLimit);
  return runner;
}

/** Returns whether a connection is idle. A client that does not report its state counts as idle. */
function isIdle(client: PostgresClient): boolean {
  if (typeof client.readyForQuery !== 'boolean' || client.getTransactionStatus === undefined) return true;
  return client.readyForQuery && client.getTransactionStatus() === 'I';
}

async function becomesIdle(client: PostgresClient): Promise<boolean> {
  if (client.readyForQuery === false) await readyOrLost(client);
  return isIdle(client);
}

async function readyOrLost(client: PostgresClient): Promise<void> {
  const over = new AbortController();
  const { signal } = over;
  const end = () => over.abort();
  for (const event of ['drain', 'end', 'error']) client.once(event, end);
  await sleep(READY_WAIT_MS, undefined, { signal }).catch(() => undefined);
  for (const event of ['drain', 'end', 'error']) client.off(event, end);
}
