import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { eventually } from '../support/eventually.js';
import { INGEST_TOKEN, push, scrape, startServer, type TestServer, valueOn } from '../support/server.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';

const RESETS = 1_000;
const AT_ONCE = 50;

/** Time in which requests whose bodies have been read reach their routes. */
const PAUSE_MS = 50;

/** Maximum number of bytes of all bodies. One token may use half of it, and the bodies of all resets together have ten times as many. */
const BODIES_MAX_BYTES = 2 * 1024 * 1024;

/** Maximum number of connections. More than six times as many are reset. */
const MAX_CONNECTIONS = 3 * AT_ONCE;
/** The page of so many series is larger than what the sockets of a connection can hold. */
const PAGE_SERIES = 20_000;
const SERIES_OF_PUSH = 1_000;

const SLOW_READERS = 40;
const READING_MS = 6_000;

/** Maximum time for a push beside such clients. */
const LIMIT_MS = 1_000;

/** Maximum time for a stop. It is forced after SHUTDOWN_TIMEOUT_MS, which is 10 s. */
const STOP_MS = 10_000;

const BODIES = [
  ['/api/client/metrics/custom', 'application/json', ''],
  ['/api/client/metrics/custom', 'application/json', 'gzip'],
  ['/api/client/metrics', 'application/json', ''],
  ['/v1/metrics', 'application/x-protobuf', 'gzip'],
  ['/api/v1/write', 'application/x-protobuf', 'snappy'],
  ['/api/push', 'text/plain', ''],
] as const;

describe('clients that break off', () => {
  let database: TestDatabase;
  let server: TestServer;
  const readers: Socket[] = [];

  beforeAll(async () => {
    database = await createTestDatabase();
    server = await startServer({
      DATABASE_URL: database.url,
      HTTP_BODIES_MAX_BYTES: String(BODIES_MAX_BYTES),
      INGEST_MAX_BODY_BYTES: String(BODIES_MAX_BYTES / 4),
      HTTP_MAX_CONNECTIONS: String(MAX_CONNECTIONS),
    });
    for (let first = 0; first < PAGE_SERIES; first += SERIES_OF_PUSH) {
      const items = Array.from({ length: SERIES_OF_PUSH }, (_, index) => ({
        name: `page_${first % (2 * SERIES_OF_PUSH)}_total`,
        value: 1,
        labels: { instance: `instance-${first + index}`, text: 'x'.repeat(200) },
      }));
      expect((await push(server, items)).status).toBe(202);
    }
  });

  afterAll(async () => {
    for (const socket of readers) socket.destroy();
    if (server.process.exitCode === null) await server.kill();
    await database.drop();
  });

  async function open(): Promise<Socket> {
    const { hostname, port } = new URL(server.url);
    const socket = connect(Number(port), hostname).on('error', () => undefined);
    await once(socket, 'connect');
    return socket;
  }

  async function pushInTime(): Promise<void> {
    const startedAt = performance.now();
    expect((await push(server, [{ name: 'beside_total', value: 1 }])).status).toBe(202);
    expect(performance.now() - startedAt).toBeLessThan(LIMIT_MS);
  }

  const openFiles = () => readdirSync(`/proc/${server.process.pid}/fd`).length;

  /** Returns how many bytes of its clients the server has not read yet. */
  function unreadBytes(): number {
    const port = Number(new URL(server.url).port).toString(16).toUpperCase().padStart(4, '0');
    return readFileSync('/proc/net/tcp', 'utf8')
      .split('\n')
      .map((line) => line.trim().split(/\s+/))
      .filter(([, local]) => local?.endsWith(`:${port}`))
      .reduce((sum, [, , , , queues]) => sum + Number.parseInt(queues!.split(':')[1]!, 16), 0);
  }

  /** Sends half of a body. */
  async function sendHalf(index: number): Promise<Socket> {
    const [path, type, encoding] = BODIES[index % BODIES.length]!;
    const text = `{"metrics":[${'{"name":"reset_total","value":1},'.repeat(500)}`;
    const body = encoding === 'gzip' ? gzipSync(text) : Buffer.from(text);
    const socket = await open();
    const head = [
      `POST ${path} HTTP/1.1`,
      'Host: x',
      `Authorization: ${INGEST_TOKEN}`,
      `Content-Type: ${type}`,
      ...(encoding === '' ? [] : [`Content-Encoding: ${encoding}`]),
      `Content-Length: ${body.length * 2}`,
    ];
    const written = new Promise((resolve) =>
      socket.write(`${head.join('\r\n')}\r\n\r\n`, () => socket.write(body, resolve)),
    );
    await Promise.race([written, once(socket, 'close')]);
    return socket;
  }

  it('in the middle of a body a thousand times leave nothing behind', async () => {
    const before = openFiles();
    for (let first = 0; first < RESETS; first += AT_ONCE) {
      const sockets = await Promise.all(Array.from({ length: AT_ONCE }, (_, index) => sendHalf(first + index)));
      // Bytes that the server has not read when the reset comes are lost, and could not be left behind.
      await eventually(() => expect(unreadBytes()).toBe(0), { intervalMs: 5 });
      await sleep(PAUSE_MS);
      for (const socket of sockets) socket.resetAndDestroy();
      if (first % 250 === 0) await pushInTime();
    }
    // A body that was kept would leave no room for this one.
    await pushInTime();
    // Some connections of the pool may be new.
    await eventually(() => expect(openFiles()).toBeLessThan(before + 15));
    expect(valueOn(await scrape(server), 'reset_total')).toBeUndefined();
    expect(server.output()).not.toMatch(/"level":"(?:error|fatal)"/);
  });

  it('and readers that take one byte a second delay no push and no stop', async () => {
    for (let count = 0; count < SLOW_READERS; count++) {
      const socket = await open();
      socket.pause();
      socket.write('GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n');
      readers.push(socket);
    }
    for (const until = performance.now() + READING_MS; performance.now() < until;) {
      for (const socket of readers) socket.read(1);
      await pushInTime();
      await sleep(1_000);
    }
    const exited = once(server.process, 'exit');
    const startedAt = performance.now();
    server.process.kill('SIGTERM');
    expect(await exited).toEqual([0, null]);
    expect(performance.now() - startedAt).toBeLessThan(STOP_MS);
  });
});
