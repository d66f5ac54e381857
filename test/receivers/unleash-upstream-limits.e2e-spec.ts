import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';
import { askRaw, type AskOptions, FakeUnleash } from '../support/fake-unleash.js';
import { ADMIN_TOKEN, INGEST_TOKEN, startServer, type TestServer, FRONTEND_TOKEN } from '../support/server.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';

const OTHER_TOKEN = `test:development.${'0'.repeat(56)}`;

const SLOTS = 4;
/** The number of slots that a token gets while no other token uses any: it must leave as many free as it takes. */
const SHARE = 2;

describe('with UNLEASH_UPSTREAM_URL, a client', () => {
  let database: TestDatabase;
  let server: TestServer;
  let upstream: FakeUnleash;

  beforeAll(async () => {
    database = await createTestDatabase();
    upstream = new FakeUnleash();
    await upstream.start();
    server = await startServer({
      DATABASE_URL: database.url,
      INIT_BACKEND_API_TOKENS: `${INGEST_TOKEN},${OTHER_TOKEN}`,
      INIT_FRONTEND_API_TOKENS: FRONTEND_TOKEN,
      UNLEASH_UPSTREAM_URL: `http://127.0.0.1:${upstream.port}/unleash`,
      UNLEASH_UPSTREAM_REQUESTS: String(SLOTS),
    });
  });

  beforeEach(() => {
    upstream.seen.length = 0;
    upstream.answer = (_request, response) => response.end('{}');
  });

  afterAll(async () => {
    await server?.stop();
    await upstream?.stop();
    await database?.drop();
  });

  const ask = (path: string, options?: AskOptions) => askRaw(server.url + path, options);

  /** Opens a stream that stays open until its client disconnects or the service ends it. */
  async function openStream(
    token = INGEST_TOKEN,
  ): Promise<{ status: number; ended: Promise<string>; leave: () => void }> {
    const client = new AbortController();
    const response = await fetch(`${server.url}/api/client/streaming`, {
      headers: { Authorization: token },
      signal: client.signal,
    });
    const ended = response.text().then(
      () => 'ended',
      () => 'cut',
    );
    return { status: response.status, ended, leave: () => client.abort() };
  }

  const answerWithStreams = (onStream: (stream: ServerResponse) => void = () => undefined) => {
    upstream.answer = (_request, response) => {
      response.writeHead(200, { 'Content-Type': 'text/event-stream' });
      response.flushHeaders();
      onStream(response);
    };
  };

  async function createToken(scope: string): Promise<{ id: number; token: string }> {
    const created = await fetch(`${server.url}/api/admin/tokens`, {
      method: 'POST',
      headers: { Authorization: ADMIN_TOKEN, 'Content-Type': 'application/json' },
      body: JSON.stringify({ name: 'of this service', scopes: [scope] }),
    });
    return (await created.json()) as { id: number; token: string };
  }

  it('with one token cannot take the slots of the others, and returns its own slots', async () => {
    const streams: ServerResponse[] = [];
    answerWithStreams((stream) => streams.push(stream));
    const held = [];
    for (let slot = 0; slot < SHARE; slot++) held.push(await openStream());
    expect(held.map(({ status }) => status)).toEqual([200, 200]);
    const refused = await ask('/api/client/streaming');
    expect([refused.answer.statusCode, refused.answer.headers['retry-after']]).toEqual([503, '10']);
    expect(refused.body.toString()).toContain('UNLEASH_UPSTREAM_REQUESTS');
    const other = await openStream(OTHER_TOKEN);
    expect(other.status).toBe(200);

    const closed = streams.map((stream) => once(stream, 'close'));
    for (const { leave } of [...held, other]) leave();
    await Promise.all(closed);
    upstream.answer = (_request, response) => response.end('{}');
    for (let status = 503; status !== 200;) status = (await ask('/api/client/features')).answer.statusCode!;
  });

  it.each([
    ['plain', {}, 'x'.repeat(1024 * 1024 + 1)],
    ['compressed', { 'Content-Encoding': 'gzip' }, gzipSync('x'.repeat(60_000_000))],
  ])('whose body is too large, %s, is refused without a request to Unleash', async (_kind, headers, body) => {
    for (const [path, token] of [
      ['/api/client/register', INGEST_TOKEN],
      ['/api/frontend', FRONTEND_TOKEN],
    ] as const) {
      const { answer } = await ask(path, { method: 'POST', token, headers, body });
      expect(answer.statusCode).toBe(413);
    }
    expect(upstream.seen).toEqual([]);
  });

  it('may compress a body, which reaches Unleash unchanged', async () => {
    const body = gzipSync('{"appName":"shop"}');
    const headers = { 'Content-Type': 'application/json', 'Content-Encoding': 'gzip' };
    expect((await ask('/api/client/register', { method: 'POST', headers, body })).answer.statusCode).toBe(200);
    expect(upstream.seen[0]).toMatchObject({ body: '{"appName":"shop"}', headers: { 'content-length': '18' } });
    expect(upstream.seen[0]!.headers).not.toHaveProperty('content-encoding');
  });

  it.each([
    ['ingest', '/api/client/features'],
    ['frontend', '/api/frontend'],
  ])('with a token that was created here (%s) is answered without a request to Unleash', async (scope, path) => {
    const { token } = await createToken(scope);
    for (const authorization of [token, `Bearer ${token}`]) {
      const { answer, body } = await ask(path, { token: authorization });
      expect(answer.statusCode).toBe(403);
      expect(body.toString()).toContain('INIT_BACKEND_API_TOKENS');
    }
    expect(upstream.seen).toEqual([]);
  });

  it('loses its stream when its token is revoked', async () => {
    answerWithStreams();
    const stream = await openStream(OTHER_TOKEN);
    const kept = await openStream();
    const tokens = (await (
      await fetch(`${server.url}/api/admin/tokens`, { headers: { Authorization: ADMIN_TOKEN } })
    ).json()) as { id: number; name: string }[];
    // The seeded tokens are named by their project and environment, and have ids in the order of the list.
    const [, other] = tokens.filter(({ name }) => name === 'backend test:development');
    const revoked = await fetch(`${server.url}/api/admin/tokens/${other!.id}`, {
      method: 'DELETE',
      headers: { Authorization: ADMIN_TOKEN },
    });
    expect(revoked.status).toBe(204);
    expect(await stream.ended).toBe('cut');
    let hasEnded = false;
    void kept.ended.then(() => (hasEnded = true));
    expect((await openStream(OTHER_TOKEN)).status).toBe(401);
    expect(hasEnded).toBe(false);
    kept.leave();
  });

  it.each([
    '/api/client/features?x=..%2F..%2Fadmin&y=//evil.example/@evil.example:1#/api/admin',
    '/api/client/features?\\..\\admin',
    '/api/client/features?http://evil.example/',
  ])('that requests %s changes only the query string', async (target) => {
    await ask('/', { target });
    expect(upstream.seen.map(({ url }) => url.split('?')[0])).toEqual(['/unleash/api/client/features']);
    expect(upstream.seen[0]!.headers.host).toBe(`127.0.0.1:${upstream.port}`);
  });

  it.each([
    '//evil.example/api/client/features',
    '/api/client/features/../../admin/projects',
    '/api/client/features%2F..%2F..%2Fadmin',
    '/api/client/%2e%2e/admin/projects',
  ])('that requests %s causes no request to Unleash', async (target) => {
    const { answer } = await ask('/', { target });
    expect(answer.statusCode).toBe(404);
    expect(upstream.seen).toEqual([]);
  });

  it('gets no redirect from Unleash, and the service does not follow the redirect either', async () => {
    upstream.answer = (_request, response) => response.writeHead(302, { Location: 'http://127.0.0.1:1/' }).end();
    const { answer, body } = await ask('/api/client/features');
    expect([answer.statusCode, answer.headers.location]).toEqual([502, undefined]);
    expect(body.toString()).toContain('UNLEASH_UPSTREAM_URL');
  });
});
