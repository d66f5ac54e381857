import { cutConnection, type PostgresClient } from './bounded-query-runner.js';
import type { ConnectionPool, PoolCallback } from './connection-pool.js';

/**
 * The checker of each pool whose `connect` was replaced. Two modules may share a DataSource, but its pool is wrapped only once.
 */
const watched = new WeakMap<ConnectionPool, SilentConnections>();

/**
 * Takes connections out of use if their last answer came before another connection went silent. When a host disappears without
 * closing its connections, all of them are dead, and finding that out would cost one statement its whole deadline for each
 * connection.
 */
export class SilentConnections {
  private readonly answeredAt = new WeakMap<PostgresClient, number>();
  private silentSince = -Infinity;

  /** @param pool returns undefined before the DataSource is initialized */
  constructor(private readonly pool: () => ConnectionPool | undefined) {}

  /** Starts to check the connections of the pool. */
  watch(): void {
    const pool = this.pool();
    if (pool === undefined || watched.has(pool)) return;
    watched.set(pool, this);
    const connect = pool.connect.bind(pool);
    const checked = (callback: PoolCallback) =>
      connect((error, client, release) => {
        if (error || client === undefined || !this.isSuspect(client)) return callback(error, client, release);
        release(new Error('The last answer on this connection was before another connection went silent.'));
        cutConnection(client);
        checked(callback);
      });
    pool.connect = (callback?: PoolCallback) => {
      if (callback !== undefined) return checked(callback);
      return new Promise((resolve, reject) => {
        checked((error, client) => (error ? reject(error) : resolve(client)));
      });
    };
    pool.on('connect', (client) => this.noteAnswer(client));
  }

  noteAnswer(client: PostgresClient): void {
    this.answeredAt.set(client, performance.now());
  }

  /** Records that a statement was not answered in time. */
  noteSilence(): void {
    this.silentSince = performance.now();
    const pool = this.pool();
    const watcher = pool && watched.get(pool);
    if (watcher !== undefined && watcher !== this) watcher.noteSilence();
  }

  private isSuspect(client: PostgresClient): boolean {
    return (this.answeredAt.get(client) ?? -Infinity) <= this.silentSince;
  }
}
