import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** Long enough for what was sent to be committed. */
const SILENCE_MS = 150;

/** Between a process and Postgres: cuts connections after Postgres has carried out what was asked and before it can say so. */
export class DatabaseProxy {
  private readonly server: Server;
  private readonly connections = new Set<{ client: Socket; postgres: Socket }>();

  constructor(private readonly databaseUrl: string) {
    this.server = createServer((client) => this.connect(client));
  }

  /** @returns the connection string that leads over the proxy */
  async start(): Promise<string> {
    this.server.listen(0, '127.0.0.1');
    await once(this.server, 'listening');
    const url = new URL(this.databaseUrl);
    url.port = String((this.server.address() as AddressInfo).port);
    return url.href;
  }

  /** Leaves every commit that is under way with an unknown outcome. */
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
      // Its close follows.
      socket.on('error', () => undefined);
      socket.on('close', () => {
        this.connections.delete(pair);
        other.destroy();
      });
    }
  }
}
