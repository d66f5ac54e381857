import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { listenFor } from '../support/proxied-database.js';

/** Time that is long enough for sent statements to be committed. */
const SILENCE_MS = 150;

/**
 * Forwards connections between a process and Postgres, and cuts them after Postgres has executed a statement and before the
 * answer is passed on.
 */
export class DatabaseProxy {
  private readonly server: Server;
  private readonly connections = new Set<{ client: Socket; postgres: Socket }>();

  constructor(private readonly databaseUrl: string) {
    this.server = createServer((client) => this.connect(client));
  }

  /** @returns the connection string that uses the proxy */
  start(): Promise<string> {
    return listenFor(this.databaseUrl, this.server);
  }

  /** Makes the outcome of every running commit unknown. */
  async dropAnswers(): Promise<void> {
    const dropped = [...this.connections];
    for (const { postgres } of dropped) postgres.pause();
    await sleep(SILENCE_MS);
    for (const { client, postgres } of dropped) {
      client.destroy();
      postgres.destroy();
    }
  }

  async close(): Promise<void> {
    for (const { client, postgres } of this.connections) {
      client.destroy();
      postgres.destroy();
    }
    this.server.close();
    await once(this.server, 'close');
  }

  private connect(client: Socket): void {
    const { hostname, port } = new URL(this.databaseUrl);
    const postgres = connect({ host: hostname, port: Number(port), noDelay: true });
    client.setNoDelay(true);
    const pair = { client, postgres };
    this.connections.add(pair);
    client.on('data', (bytes) => postgres.write(bytes));
    postgres.on('data', (bytes) => client.write(bytes));
    for (const [socket, other] of [
      [client, postgres],
      [postgres, client],
    ] as const) {
      // An error is always followed by the close event.
      socket.on('error', () => undefined);
      socket.on('close', () => {
        this.connections.delete(pair);
        other.destroy();
      });
    }
  }
}
