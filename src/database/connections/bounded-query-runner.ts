import { setTimeout as sleep } from 'node:timers/promises';
import type { QueryRunner } from 'typeorm';
import { DatabaseTimeoutError, withDeadline } from '../outage.js';

/** A connection of node-postgres, as far as it is used here. Some drivers lack some of it. */
export interface PostgresClient extends NodeJS.EventEmitter {
  /** Null while the connection is being made. */
  readonly processID?: number | null;
  /** False from sending a statement until Postgres says that it is ready for the next one. */
  readonly readyForQuery?: boolean;
  /** `I` outside of a transaction, `T` in one, `E` in one that has failed. */
  getTransactionStatus?(): string | null;
  /** `query_timeout` is read anew for each statement. */
  readonly connectionParameters?: { query_timeout?: number | false };
  readonly connection?: { readonly stream?: { destroy?(): void } };
}

/** Fails statements of a service that stops. It is not an outage, so nobody waits for its end. */
export class ConnectionGivenUpError extends Error {
  override readonly name = 'ConnectionGivenUpError';

  constructor() {
    super('the service stops and has given up its connections');
  }
}

/** Ends a connection without a goodbye, which nobody hears on one that has gone silent. */
export function cutConnection(client: PostgresClient): void {
  client.connection?.stream?.destroy?.();
}

/** Postgres sends the error of a statement and "ready for the next one" as two messages, a moment apart. */
const READY_WAIT_MS = 1_000;

/** Longer than a pool waits for a new connection, and no reason to hang for a pool that waits for ever. */
const CONNECT_DEADLINE_MS = 3_500;

/** What a bounded runner tells about its connection. */
export interface ConnectionWatcher {
  /** A connection answered and is idle. */
  onIdle(client: PostgresClient): void;
  /** A connection was destroyed because it was not idle. `isSilent` if a statement on it was never answered. */
  onGivenUp(client: PostgresClient, isSilent: boolean): void;
  /** A runner takes a connection. `giveUp` ends its waiting, and is not called after what is returned has been called. */
  onTake(giveUp: (error: Error) => void): () => void;
}

const limits = new WeakMap<QueryRunner, (milliseconds: number) => void>();
const distrusted = new WeakSet<QueryRunner>();

/** Sets how long each further statement of a runner may take, until its release. 0 means without a limit. */
export function limitStatements(runner: QueryRunner, milliseconds: number): void {
  limits.get(runner)?.(milliseconds);
}

/** Has the connection of a runner destroyed at its release, because its state is not known. */
export function distrustConnection(runner: QueryRunner): void {
  distrusted.add(runner);
}

/**
 * Gives each statement of a query runner a deadline, and lets its connection back into the pool only when that is known to be
 * idle: an open or failed transaction, or a statement that is still running, would become the next user's problem.
 *
 * The deadline applies to this runner only, since the pool may be shared with the host's own statements.
 */
export function boundQueryRunner(runner: QueryRunner, deadlineMs: number, watcher: ConnectionWatcher): QueryRunner {
  // TypeORM's types hide the one method that destroys a connection.
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

  async function take(): Promise<PostgresClient> {
    let rejectGivenUp: ((error: Error) => void) | undefined;
    const givenUp = new Promise<never>((_resolve, reject) => (rejectGivenUp = reject));
    givenUp.catch(() => undefined);
    stopWatching = watcher.onTake((error) => {
      isGivenUp = true;
      rejectGivenUp?.(error);
      if (client !== undefined) cutConnection(client);
    });
    // The stop comes first: a service that has stopped makes no further connection.
    const taking = isGivenUp ? givenUp : connect();
    try {
      client = await withDeadline(Promise.race([taking, givenUp]), CONNECT_DEADLINE_MS);
    } catch (error) {
      stopWatching?.();
      // A connection that comes later has nobody who would give it back.
      if (isGivenUp || error instanceof DatabaseTimeoutError) void taking.then(() => release()).catch(() => undefined);
      throw error;
    }
    hostLimit = client.connectionParameters?.query_timeout;
    setLimit(limitMs);
    return client;
  }

  function setLimit(milliseconds: number): void {
    limitMs = milliseconds;
    if (client?.connectionParameters) client.connectionParameters.query_timeout = milliseconds;
  }

  async function giveBack(): Promise<void> {
    try {
      await giveBackConnection();
    } finally {
      stopWatching?.();
    }
  }

  async function giveBackConnection(): Promise<void> {
    if (client === undefined) return release();
    if (runner.isReleased) {
      // The connection has broken, which the server may not have noticed.
      if (runner.isTransactionActive) watcher.onGivenUp(client, false);
      return;
    }
    if (!isGivenUp && !distrusted.has(runner) && (await becomesIdle(client))) {
      if (client.connectionParameters) client.connectionParameters.query_timeout = hostLimit;
      watcher.onIdle(client);
      return release();
    }
    const isSilent = client.readyForQuery === false;
    await pooled.releasePostgresConnection?.(new Error('The connection is not idle.'));
    cutConnection(client);
    watcher.onGivenUp(client, isSilent);
  }

  runner.connect = () => (connecting ??= take());
  runner.release = () => (releasing ??= giveBack());
  limits.set(runner, setLimit);
  return runner;
}

async function becomesIdle(client: PostgresClient): Promise<boolean> {
  if (typeof client.readyForQuery !== 'boolean' || client.getTransactionStatus === undefined) return true;
  if (!client.readyForQuery) await readyOrLost(client);
  return client.readyForQuery && client.getTransactionStatus() === 'I';
}

async function readyOrLost(client: PostgresClient): Promise<void> {
  const over = new AbortController();
  const { signal } = over;
  const end = () => over.abort();
  for (const event of ['drain', 'end', 'error']) client.once(event, end);
  await sleep(READY_WAIT_MS, undefined, { signal }).catch(() => undefined);
  for (const event of ['drain', 'end', 'error']) client.off(event, end);
}
