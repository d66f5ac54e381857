import { cutConnection } from './bounded-query-runner.js';
import type { ConnectionPool } from './connection-pool.js';

/** Knows who has taken a connection of a pool, or waits for one, so that a stop can end all of it at once. */
export class TakenConnections {
  private readonly takers = new Set<(error: Error) => void>();
  private reason: Error | undefined;

  /** @param pool undefined before the DataSource is initialized */
  constructor(private readonly pool: () => ConnectionPool | undefined) {}

  /** True once a stop has given everything up. */
  get areGivenUp(): boolean {
    return this.reason !== undefined;
  }

  /** @returns what has to be called when the connection is given back */
  add(giveUp: (error: Error) => void): () => void {
    if (this.reason !== undefined) {
      giveUp(this.reason);
      return () => undefined;
    }
    this.takers.add(giveUp);
    return () => this.takers.delete(giveUp);
  }

  /** Ends what is taken now, and everything that is asked for later. */
  giveUp(reason: Error): void {
    this.reason = reason;
    if (this.takers.size === 0) return;
    for (const giveUp of this.takers) giveUp(reason);
    this.takers.clear();
    // A pool does not end before a connection that is being made has failed, which takes seconds when the host is silent.
    const { _clients: clients = [] } = this.pool() ?? {};
    for (const client of clients) if (client.processID === null) cutConnection(client);
  }
}
