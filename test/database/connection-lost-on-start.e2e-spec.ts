import net from 'node:net';
import { eventually } from '../support/eventually.js';
import { ADMIN_TOKEN, push, scrape, startServer, type TestServer, valueOn } from '../support/server.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';

const READY_FOR_QUERY = Buffer.from([0x5a, 0, 0, 0, 5, 0x49]);

/** Builds an ErrorResponse of Postgres' protocol: FATAL 57P01. */
function terminationError(): Buffer {
  const fields = Buffer.from('SFATAL\0VFATAL\0C57P01\0Mterminating connection\0\0');
  const head = Buffer.from([0x45, 0, 0, 0, 0]);
  head.writeInt32BE(fields.length + 4, 1);
  return Buffer.concat([head, fields]);
}

/**
 * Forwards connections to Postgres. While `isKilling` is true, the proxy ends each new one in the packet in which Postgres becomes
 * ready.
 */
class ConnectionKillingProxy {
  isKilling = false;
  killed = 0;
  private readonly sockets = new Set<net.Socket>();
  private readonly server: net.Server;

  constructor(private readonly target: URL) {
    this.server = net.createServer((client) => this.connect(client));
  }

  async listen(): Promise<string> {
    if (!this.server.listening) await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    const url = new URL(this.target);
    url.port = String((this.server.address() as net.AddressInfo).port);
    return url.href;
  }

  cutAll(): void {
    for (const socket of this.sockets) socket.destroy();
  }

  close(): void {
    this.server.close();
    this.cutAll();
  }

  private connect(client: net.Socket): void {
    const upstream = net.connect(Number(this.target.port || 5432), this.target.hostname);
    for (const socket of [client, upstream]) {
      this.sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        this.sockets.delete(socket);
        client.destroy();
        upstream.destroy();
      });
    }
    client.on('data', (chunk) => upstream.write(chunk));
    upstream.on('data', (chunk) => {
      if (!this.isKilling || !chunk.subarray(-READY_FOR_QUERY.length).equals(READY_FOR_QUERY)) {
        client.write(chunk);
        return;
      }
      this.killed++;
      client.end(Buffer.concat([chunk, terminationError()]));
    });
  }
}

describe('a connection that ends in the packet in which Postgres becomes ready', () => {
  let database: TestDatabase;
  let proxy: ConnectionKillingProxy;
  let server: TestServer | undefined;

  beforeAll(async () => {
    database = await createTestDatabase();
    proxy = new ConnectionKillingProxy(new URL(database.url));
  });

  afterAll(async () => {
    await server?.kill();
    proxy.close();
    await database.drop();
  });

  test('does not end the process, and a push waits for a working connection', async () => {
    server = await startServer({ DATABASE_URL: await proxy.listen(), STORE_WAIT_MS: '60000' });
    proxy.isKilling = true;
    proxy.cutAll();
    const pushing = push(server, [{ name: 'survivor_total', value: 1 }]);
    await eventually(async () => expect(proxy.killed).toBeGreaterThan(1));
    expect(server.process.exitCode).toBeNull();
    proxy.isKilling = false;
    expect((await pushing).status).toBe(202);
    expect(valueOn(await scrape(server), 'survivor_total')).toBe(1);
  });

  test('does not end the process if it is the first one to the database of the history', async () => {
    await server?.kill();
    server = await startServer({ DATABASE_URL: database.url, HISTORY_DATABASE_URL: await proxy.listen() });
    expect((await push(server, [{ name: 'reader_total', value: 1 }])).status).toBe(202);
    const ask = () =>
      fetch(`${server!.url}/api/history/samples?metric=reader_total`, { headers: { Authorization: ADMIN_TOKEN } });
    const killedBefore = proxy.killed;
    proxy.isKilling = true;
    expect((await ask()).status).toBe(503);
    expect(proxy.killed).toBeGreaterThan(killedBefore);
    expect(server.process.exitCode).toBeNull();
    proxy.isKilling = false;
    expect((await ask()).status).toBe(200);
  });
});
