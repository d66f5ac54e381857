import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import pg from 'pg';
import { eventually } from '../support/eventually.js';
import { INGEST_TOKEN, push, startServer, type TestServer } from '../support/server.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';

const MIB = 1024 ** 2;
const BODY_BYTES = 5 * MIB;
const CUSTOM = '/api/client/metrics/custom';

/** Routes that accept a body, each with a content type that it accepts. */
const RECEIVERS = [
  [CUSTOM, 'application/json'],
  [`${CUSTOM}?way=express`, 'application/json'],
  ['/v1/metrics', 'application/x-protobuf'],
  ['/api/push', 'text/plain'],
  ['/metrics/job/test', 'text/plain'],
  ['/api/client/metrics', 'application/json'],
] as const;

/** Ends all connections to a database except its own. */
async function endConnections(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(
    'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()',
  );
  await client.end();
}

/** Sends raw bytes and records the answer. */
class RawClient {
  readonly closed: Promise<unknown>;
  answer = '';

  private constructor(readonly socket: Socket) {
    socket.on('error', () => undefined);
    socket.on('data', (chunk: Buffer) => (this.answer += chunk.toString('latin1')));
    this.closed = new Promise((resolve) => socket.once('close', resolve));
  }

  static async connect(url: string): Promise<RawClient> {
    const { hostname, port } = new URL(url);
    const client = new RawClient(connect(Number(port), hostname));
    await once(client.socket, 'connect');
    return client;
  }

  get status(): number {
    return Number(/^HTTP\/1.1 (\d+)/.exec(this.answer)?.[1]);
  }

  head(path: string, headers: Record<string, string | number>, method = 'POST'): this {
    const lines = Object.entries({ Host: 'x', Authorization: INGEST_TOKEN, ...headers }).map(
      ([name, value]) => `${name}: ${value}`,
    );
    this.socket.write(`${method} ${path} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`);
    return this;
  }
}

function memoryOf({ process: { pid } }: TestServer): number {
  return Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1]) * 1024;
}

describe('slow and many clients', () => {
  let database: TestDatabase;
  let server: TestServer;
  const clients: RawClient[] = [];

  beforeAll(async () => {
    database = await createTestDatabase();
    server = await startServer({ DATABASE_URL: database.url, HTTP_REQUEST_TIMEOUT: '4s' });
  });

  afterAll(async () => {
    for (const { socket } of clients) socket.destroy();
    await server?.stop();
    await database?.drop();
  });

  async function client(): Promise<RawClient> {
    const made = await RawClient.connect(server.url);
    clients.push(made);
    return made;
  }

  it('occupy no more memory with bodies than the budget, and are told when to retry', async () => {
    const before = memoryOf(server);
    const body = Buffer.alloc(BODY_BYTES - 1, '[');
    const senders = await Promise.all(
      Array.from({ length: 120 }, async (_, index) => {
        const [path, type] = RECEIVERS[index % RECEIVERS.length]!;
        const sender = (await client()).head(path, { 'Content-Type': type, 'Content-Length': BODY_BYTES });
        sender.socket.write(body);
        return sender;
      }),
    );
    const refused = () => senders.filter(({ status }) => status === 503);
    await eventually(async () => expect(senders.filter(({ answer }) => answer === '')).toEqual([]));
    expect(refused().length).toBeGreaterThan(50);
    for (const { answer } of refused()) expect(answer).toMatch(/retry-after: \d+\r\n[^]*HTTP_BODIES_MAX_BYTES/i);
    // Without the budget, these requests would occupy 600 MB.
    expect(memoryOf(server) - before).toBeLessThan(300 * MIB);
    await Promise.all(senders.filter(({ status }) => status !== 503).map(({ closed }) => closed));
    expect((await push(server, [{ name: 'after_total', value: 1 }])).status).toBe(202);
  });

  it('lose their connection if a body does not arrive', async () => {
    const senders = await Promise.all(
      RECEIVERS.map(async ([path, type]) => {
        const sender = (await client()).head(path, { 'Content-Type': type, 'Content-Length': 100 });
        sender.socket.write('{');
        await sender.closed;
        return [path, sender.status];
      }),
    );
    expect(senders).toEqual(RECEIVERS.map(([path]) => [path, 408]));
  });

  it('are refused as soon as a body is too long, compressed or inflated', async () => {
    const bodies = {
      bomb: gzipSync(Buffer.alloc(100 * MIB, ' ')),
      'empty members': Buffer.alloc(6 * MIB, gzipSync('')),
    };
    for (const [name, body] of Object.entries(bodies)) {
      for (const [path, type] of RECEIVERS) {
        const response = await fetch(server.url + path, {
          method: 'POST',
          headers: { Authorization: INGEST_TOKEN, 'Content-Type': type, 'Content-Encoding': 'gzip' },
          body,
        });
        expect([name, path, response.status, await response.text()]).toEqual([
          name,
          path,
          413,
          expect.stringContaining('INGEST_MAX_BODY_BYTES'),
        ]);
      }
    }
  });

  it.each(['application/json; charset=utf8', 'application/json;charset=us-ascii', 'application/json; charset="x"'])(
    'may name any charset: %s',
    async (contentType) => {
      for (const way of ['', '?way=express']) {
        const response = await fetch(server.url + CUSTOM + way, {
          method: 'POST',
          headers: { Authorization: INGEST_TOKEN, 'Content-Type': contentType },
          body: '{"metrics":[{"name":"charset_total","value":1,"labels":{"a":"größe"}}]}',
        });
        expect(response.status).toBe(202);
      }
    },
  );

  it('may call gzip x-gzip, in any case', async () => {
    const body = gzipSync('{"metrics":[{"name":"gzip_total","value":1}]}');
    const send = (encoding: string, bytes: Uint8Array) =>
      fetch(server.url + CUSTOM, {
        method: 'POST',
        headers: { Authorization: INGEST_TOKEN, 'Content-Type': 'application/json', 'Content-Encoding': encoding },
        body: Buffer.from(bytes),
      });
    expect((await send('X-GZIP', body)).status).toBe(202);
    expect((await send('gzip', Buffer.concat([body, body.subarray(0, 5)]))).status).toBeLessThan(500);
    expect((await send('gzip', body.subarray(0, 30))).status).toBe(400);
    expect((await send('br', body)).status).toBe(415);
  });

  it('may send the whole URL, as to a proxy', async () => {
    const { host } = new URL(server.url);
    for (const [method, target, headers, status] of [
      ['GET', `http://${host}/metrics`, {}, 200],
      ['GET', `http://other.example/health/live?a=1`, {}, 200],
      ['POST', `http://${host}${CUSTOM}`, { 'Content-Type': 'application/json', 'Content-Length': 14 }, 202],
      ['POST', `http://${host}${CUSTOM}?a`, { 'Content-Type': 'application/json', 'Content-Length': 14 }, 202],
    ] as const) {
      const asker = (await client()).head(target, { Connection: 'close', ...headers }, method);
      if (method === 'POST') asker.socket.write('{"metrics":[]}');
      await asker.closed;
      expect([target, asker.status]).toEqual([target, status]);
    }
  });

  it.each([
    ['a head that is too large', `GET /metrics HTTP/1.1\r\nHost: x\r\nA: ${'a'.repeat(100_000)}\r\n\r\n`],
    ['too many headers', `GET /health/live HTTP/1.1\r\nHost: x\r\n${'A: a\r\n'.repeat(10_000)}\r\n`],
    ['a URL that is too long', `GET /${'a'.repeat(100_000)} HTTP/1.1\r\nHost: x\r\n\r\n`],
    ['no HTTP', '\0\x01\x02 hello\r\n\r\n'],
    ['a method that does not exist', 'BREW /metrics HTTP/1.1\r\nHost: x\r\n\r\n'],
    ['a method that nobody uses', 'PROPFIND /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n'],
    ['a tunnel', 'CONNECT example.org:80 HTTP/1.1\r\nHost: x\r\n\r\n'],
    ['a question to the server as a whole', 'OPTIONS * HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n'],
    ['a URL of another scheme', 'GET ftp://host/metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n'],
    ['a path that cannot be decoded', 'GET /api/admin/metrics/%zz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n'],
    ['no host', 'GET /metrics HTTP/1.1\r\nConnection: close\r\n\r\n'],
    ['two lengths', 'POST /api/push HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\na'],
    [
      'a length and chunks',
      'POST /api/push HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\na',
    ],
    ['an expectation', 'POST /api/push HTTP/1.1\r\nHost: x\r\nExpect: wonders\r\nConnection: close\r\n\r\n'],
  ])('get a 4xx for %s', async (_title, request) => {
    const sender = await client();
    sender.socket.write(request);
    await sender.closed;
    expect(sender.status).toBeGreaterThanOrEqual(400);
    expect(sender.status).toBeLessThan(500);
  });

  it('are told when to retry by a server that is stopping', async () => {
    const waiting = await Promise.all(Array.from({ length: 3 }, client));
    const slow = (await client()).head(CUSTOM, { 'Content-Type': 'application/json', 'Content-Length': 14 });
    slow.socket.write('{');
    // The headers of these requests have begun, so that the connections are not idle.
    for (const { socket } of waiting) socket.write('GET /health/live HTTP/1.1\r\n');
    await fetch(`${server.url}/health/live`);
    const code = server.stop();
    await eventually(async () => expect(server.output()).toContain('SIGTERM'));
    for (const { socket } of waiting) socket.write('Host: x\r\n\r\n');
    await Promise.all(waiting.map(({ closed }) => closed));
    for (const { answer } of waiting) expect(answer).toMatch(/^HTTP\/1.1 503 [^]*retry-after: \d/i);
    slow.socket.end('"metrics":[]}');
    await slow.closed;
    expect(slow.answer).toMatch(/^HTTP\/1.1 (?:202|503 [^]*retry-after: \d)/i);
    expect(await code).toBe(0);
  });
});

describe('a server with few file descriptors', () => {
  it('keeps enough of them for Postgres, regardless of the number of clients', async () => {
    const database = await createTestDatabase();
    const server = await startServer({ DATABASE_URL: database.url, HTTP_MAX_CONNECTIONS: '100' });
    const idle: Socket[] = [];
    try {
      execFileSync('prlimit', ['--pid', String(server.process.pid), '--nofile=200:200']);
      const { hostname, port } = new URL(server.url);
      for (let count = 0; count < 400; count++) idle.push(connect(Number(port), hostname).on('error', () => undefined));
      await eventually(async () => expect(server.output()).toContain('HTTP_MAX_CONNECTIONS'));
      // The pool loses its connections while clients keep theirs, as after a restart of Postgres.
      await endConnections(database.url);
      for (const socket of idle.splice(0, 380)) socket.destroy();
      await eventually(async () => {
        expect((await push(server, [{ name: 'reserve_total', value: 1 }])).status).toBe(202);
      });
      expect(server.output()).not.toContain('EMFILE');
    } finally {
      for (const socket of idle) socket.destroy();
      await server.stop();
      await database.drop();
    }
  });
});
