import { cutConnection, type PostgresClient } from './bounded-query-runner.js';
import type { ConnectionPool, PoolCallback } from './connection-pool.js';

/** Pools whose `connect` already checks connections, because two modules may share a DataSource. */
const watched = new WeakMap<ConnectionPool, SilentConnections>();

/**
 * Takes connections out of use whose last answer was before another one went silent. When a host disappears without closing
 * its connections, all of them are dead, and each would cost a statement its whole deadline to find that out.
 */
export class SilentConnections {
  private readonly answeredAt = new WeakMap<PostgresClient, number>();
  private silentSince = -Infinity;

  /** @param pool undefined before the DataSource is initialized */
  constructor(private readonly pool: () => ConnectionPool | undefined) {}

  /** Checks connections of the pool from now on. */
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

  /** Notes that a statement was not answered within its deadline. */
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
