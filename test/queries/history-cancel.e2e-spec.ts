import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { ADMIN_TOKEN, push, startServer, type TestServer } from '../support/server.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';

/** Read in a dozen pages, and in a moment each. */
const CHUNKS = 240;
const SAMPLES_PER_CHUNK = 10_000;

/** Long enough for a server that has nothing to do to hear that a client has gone. */
const NEWS_MS = 1_000;

/** Between the history and Postgres: counts what is read, and holds it back from some point on. */
class CountingProxy {
  bytes = 0;
  private holdsAt = Infinity;
  private held: (() => void) | undefined;
  private readonly sockets = new Set<Socket>();
  private readonly server: Server;

  constructor(private readonly target: URL) {
    this.server = createServer((client) => this.connect(client));
  }

  async start(): Promise<string> {
    this.server.listen(0, '127.0.0.1');
    await once(this.server, 'listening');
    const url = new URL(this.target);
    url.hostname = '127.0.0.1';
    url.port = String((this.server.address() as AddressInfo).port);
    return url.href;
  }

  /** Counts from 0, and resolves when so many bytes have passed and no more do. */
  holdAt(bytes: number): Promise<void> {
    this.bytes = 0;
    this.holdsAt = bytes;
    return new Promise((resolve) => (this.held = resolve));
  }

  release(): void {
    this.holdsAt = Infinity;
    for (const socket of this.sockets) socket.resume();
  }

  async stop(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    this.server.close();
    await once(this.server, 'close');
  }

  private connect(client: Socket): void {
    const upstream = connect(Number(this.target.port), this.target.hostname);
    for (const [socket, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      this.sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        this.sockets.delete(socket);
        other.destroy();
      });
    }
    client.on('data', (bytes) => upstream.write(bytes));
    upstream.on('data', (bytes: Buffer) => {
      client.write(bytes);
      this.bytes += bytes.length;
      if (this.bytes < this.holdsAt) return;
      upstream.pause();
      this.held?.();
    });
  }
}

describe('a history query whose client hangs up', () => {
  let database: TestDatabase;
  let client: pg.Client;
  let proxy: CountingProxy;
  let server: TestServer;

  beforeAll(async () => {
    database = await createTestDatabase();
    client = new pg.Client({ connectionString: database.url });
    await client.connect();
    proxy = new CountingProxy(new URL(database.url));
    server = await startServer({
      DATABASE_URL: database.url,
      HISTORY_DATABASE_URL: await proxy.start(),
      HISTORY_MAX_SAMPLES: '10000000',
      // Nothing but the test makes chunks.
      COMPACTION_INTERVAL_SECONDS: '3600',
    });
    await push(server, [{ name: 'long_level', value: 1 }]);
    await client.query(`
      CREATE TABLE sample_chunk_test PARTITION OF sample_chunk_fresh FOR VALUES FROM ('2000-01-01') TO ('2100-01-01')`);
    await client.query(
      `INSERT INTO sample_chunk (start_at, end_at, series_id, sample_count, is_merged, offsets_ms, "values")
       SELECT at, at + interval '1 minute', (SELECT min(id) FROM series), ${SAMPLES_PER_CHUNK}, false,
              ARRAY(SELECT (number * 60000.0 / ${SAMPLES_PER_CHUNK})::int FROM generate_series(1, ${SAMPLES_PER_CHUNK}) AS number),
              array_fill(1::float8, ARRAY[${SAMPLES_PER_CHUNK}])
       FROM (SELECT now() - minute * interval '2 minutes' AS at FROM generate_series(1, ${CHUNKS}) AS minute) AS chunk`,
    );
  });

  afterAll(async () => {
    await server?.kill();
    await proxy?.stop();
    await client?.end();
    await database?.drop();
  });

  function ask(signal?: AbortSignal): Promise<Response> {
    return fetch(`${server.url}/api/history/query?metric=long_level&aggregate=p99&step=1h&from=-1d`, {
      headers: { Authorization: ADMIN_TOKEN },
      signal,
    });
  }

  /** Connections of the history that are in a transaction. */
  async function readers(): Promise<number> {
    const { rows } = await client.query<{ n: string }>(
      `SELECT count(*) AS n FROM pg_stat_activity
       WHERE datname = current_database() AND application_name = 'custom-metrics-history' AND state <> 'idle'`,
    );
    return Number(rows[0]!.n);
  }

  test('stops reading long before its end', async () => {
    const answer = await ask();
    await answer.arrayBuffer();
    expect(answer.status).toBe(200);
    const whole = proxy.bytes;
    expect(whole).toBeGreaterThan(CHUNKS * SAMPLES_PER_CHUNK * 8);

    const controller = new AbortController();
    const held = proxy.holdAt(whole / 4);
    const asking = ask(controller.signal).catch(() => undefined);
    await held;
    expect(await readers()).toBe(1);
    controller.abort();
    await asking;
    await sleep(NEWS_MS);
    proxy.release();
    // It reads in several transactions: between two of them nothing is read for a moment.
    for (let before = -1; before !== proxy.bytes || (await readers()) > 0; await sleep(NEWS_MS)) before = proxy.bytes;
    expect(proxy.bytes).toBeLessThan(whole / 2);
  });
});
