import { cutConnection } from './bounded-query-runner.js';
import type { ConnectionPool } from './connection-pool.js';

/** Tracks the runners that use a connection of a pool or wait for one, so that a shutdown can end all of them together. */
export class TakenConnections {
  private readonly takers = new Set<(error: Error) => void>();
  private reason: Error | undefined;

  /** @param pool returns undefined before the DataSource is initialized */
  constructor(private readonly pool: () => ConnectionPool | undefined) {}

  /** True once a stop has given everything up. */
  get areGivenUp(): boolean {
    return this.reason !== undefined;
  }

  /**
   * Registers a runner. `giveUp` ends its use of the connection; it is called immediately if a stop has already given everything
   * up.
   *
   * @returns a function to call when the connection is released
   */
  add(giveUp: (error: Error) => void): () => void {
    if (this.reason !== undefined) {
      giveUp(this.reason);
      return () => undefined;
    }
    this.takers.add(giveUp);
    return () => this.takers.delete(giveUp);
  }

  /** Ends all current uses, and every later one immediately. */
  giveUp(reason: Error): void {
    this.reason = reason;
    if (this.takers.size === 0) return;
    for (const giveUp of this.takers) giveUp(reason);
    this.takers.clear();
    // A pool does not end while a connection is being established, which takes seconds if the host is silent.
    const { _clients: clients = [] } = this.pool() ?? {};
    for (const client of clients) if (client.processID === null) cutConnection(client);
  }
}
