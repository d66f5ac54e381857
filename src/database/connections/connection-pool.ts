import type { DataSource } from 'typeorm';
import type { PostgresClient } from './bounded-query-runner.js';

/**
 * Receives a connection of the pool and a function that releases it. If that function gets an error, it closes the connection.
 */
export type PoolCallback = (
  error: Error | undefined,
  client: PostgresClient | undefined,
  release: (error?: Error) => void,
) => void;

/** The part of node-postgres' pool that the module uses. TypeORM does not expose the pool. */
export interface ConnectionPool {
  readonly totalCount: number;
  readonly idleCount: number;
  readonly waitingCount: number;
  /** All connections, including those that are still being established, which the pool does not report in any other way. */
  readonly _clients?: readonly PostgresClient[];
  connect(callback?: PoolCallback): unknown;
  on(event: 'connect', listener: (client: PostgresClient) => void): unknown;
}

/** Pools that already have the listener. A DataSource may be used twice, but its pool needs the listener only once. */
const surviving = new WeakSet<ConnectionPool>();

/** Returns the connection pool of a DataSource, or undefined before the DataSource is initialized. */
export function poolOf(dataSource: DataSource): ConnectionPool | undefined {
  return (dataSource.driver as unknown as { master?: ConnectionPool }).master;
}

/**
 * Prevents a lost connection from ending the process.
 *
 * An `error` event without a listener ends a Node.js process. The pool listens while a connection is idle, and TypeORM while it
 * is in use, but nothing listens in between: when Postgres is killed just after a connection was established, its last message
 * can arrive in the same packet as its first. The statements of the connection fail separately and are handled where they were
 * sent.
 */
export function surviveConnectionErrors(dataSource: DataSource): void {
  const pool = poolOf(dataSource);
  if (pool === undefined || surviving.has(pool)) return;
  surviving.add(pool);
  pool.on('connect', ignoreErrors);
}

/** Ignores connection errors. Our pools call it in `onConnect`, because the first connection of a pool exists before any listener. */
export function ignoreErrors(client: NodeJS.EventEmitter): void {
  client.on('error', () => undefined);
}
