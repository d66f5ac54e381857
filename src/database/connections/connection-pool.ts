import type { DataSource } from 'typeorm';
import type { PostgresClient } from './bounded-query-runner.js';

/** Takes a connection of the pool, and what gives it back; with an error it is closed instead. */
export type PoolCallback = (
  error: Error | undefined,
  client: PostgresClient | undefined,
  release: (error?: Error) => void,
) => void;

/** What we use of node-postgres' pool, which TypeORM keeps to itself. */
export interface ConnectionPool {
  readonly totalCount: number;
  readonly idleCount: number;
  readonly waitingCount: number;
  /** Also those that are being made, which the pool tells nobody about. */
  readonly _clients?: readonly PostgresClient[];
  connect(callback?: PoolCallback): unknown;
  on(event: 'connect', listener: (client: PostgresClient) => void): unknown;
}

/** Pools that are watched already: one DataSource may have two jobs. */
const surviving = new WeakSet<ConnectionPool>();

/** @returns undefined before the DataSource is initialized */
export function poolOf(dataSource: DataSource): ConnectionPool | undefined {
  return (dataSource.driver as unknown as { master?: ConnectionPool }).master;
}

/**
 * Keeps the death of a connection from being the death of the process.
 *
 * An `error` event that nobody listens to ends a Node process. The pool listens while a connection is idle, TypeORM while it
 * is in use, and nobody in between: when Postgres is killed just as a connection has been made, its last words can come in
 * the same packet as its greeting. What was asked of the connection fails by itself and is handled there.
 */
export function surviveConnectionErrors(dataSource: DataSource): void {
  const pool = poolOf(dataSource);
  if (pool === undefined || surviving.has(pool)) return;
  surviving.add(pool);
  pool.on('connect', ignoreErrors);
}

/** For a pool's `onConnect`: its very first connection is made before anybody can listen to the pool. */
export function ignoreErrors(client: NodeJS.EventEmitter): void {
  client.on('error', () => undefined);
}
