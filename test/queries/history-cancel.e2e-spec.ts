import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { eventually } from '../support/eventually.js';
import { listenFor } from '../support/proxied-database.js';
import { ADMIN_TOKEN, push, startServer, type TestServer } from '../support/server.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';

/** Number of chunks. They are read in a dozen pages, and each page takes only a few milliseconds. */
const CHUNKS = 240;
const SAMPLES_PER_CHUNK = 10_000;

/** Time that is long enough for an idle server to notice that a client has disconnected. */
const DISCONNECT_NOTICE_MS = 1_000;

/**
 * Forwards connections between the history and Postgres. The bytes that are read are counted, and held back from a given point
 * on.
 */
class CountingProxy {
  bytes = 0;
  private holdsAt = Infinity;
  private held: (() => void) | undefined;
  private readonly sockets = new Set<Socket>();
  private readonly server: Server;

  constructor(private readonly target: URL) {
    this.server = createServer((client) => this.connect(client));
  }

  start(): Promise<string> {
    return listenFor(this.target, this.server);
  }

  /** Counts from 0, and resolves when this number of bytes has passed. After that, no more bytes pass. */
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
      // Only the test creates chunks.
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

  /** Returns the number of connections of the history that are in a transaction. */
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
    await sleep(DISCONNECT_NOTICE_MS);
    proxy.release();
    // The service reads in several transactions, so nothing is read for a moment between two of them.
    let before = -1;
    const isQuiet = async () => {
      const last = before;
      before = proxy.bytes;
      return last === before && (await readers()) === 0;
    };
    await eventually(async () => expect(await isQuiet()).toBe(true), { intervalMs: DISCONNECT_NOTICE_MS });
    expect(proxy.bytes).toBeLessThan(whole / 2);
  });
});
