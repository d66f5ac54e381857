import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { eventually } from '../support/eventually.js';
import { INGEST_TOKEN, push, scrape, startServer, type TestServer, valueOn } from '../support/server.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';

const RESETS = 1_000;
const AT_ONCE = 50;
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
    server = await startServer({ DATABASE_URL: database.url });
    for (let metric = 0; metric < 2; metric++) {
      const items = Array.from({ length: 10_000 }, (_, index) => ({
        name: `page_${metric}_total`,
        value: 1,
        labels: { instance: `instance-${index}`, text: 'x'.repeat(200) },
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

  /** Sends half of a body, and resets the connection. */
  async function resetInTheMiddle(index: number): Promise<void> {
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
    await sleep(index % 5);
    socket.resetAndDestroy();
  }

  it('in the middle of a body a thousand times leave nothing behind', async () => {
    const before = openFiles();
    for (let first = 0; first < RESETS; first += AT_ONCE) {
      await Promise.all(Array.from({ length: AT_ONCE }, (_, index) => resetInTheMiddle(first + index)));
      if (first % 250 === 0) await pushInTime();
    }
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
