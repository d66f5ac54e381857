import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { gunzipSync, gzipSync } from 'node:zlib';
import { askRaw, type AskOptions, FakeUnleash } from '../support/fake-unleash.js';
import { SdkProcess } from '../support/sdk-process.js';
import { INGEST_TOKEN, scrape, startServer, type TestServer, valueOn, FRONTEND_TOKEN } from '../support/server.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';

describe('with UNLEASH_UPSTREAM_URL', () => {
  let database: TestDatabase;
  let server: TestServer;
  let upstream: FakeUnleash;

  beforeAll(async () => {
    database = await createTestDatabase();
    upstream = new FakeUnleash();
    await upstream.start();
    server = await startServer({
      DATABASE_URL: database.url,
      INIT_FRONTEND_API_TOKENS: FRONTEND_TOKEN,
      // The URL as it would be given to an SDK, with an additional slash.
      UNLEASH_UPSTREAM_URL: `http://127.0.0.1:${upstream.port}/unleash/api/`,
    });
  });

  beforeEach(() => {
    upstream.seen.length = 0;
  });

  afterAll(async () => {
    await server?.stop();
    await upstream?.stop();
    await database?.drop();
  });

  const ask = (path: string, options?: AskOptions) => askRaw(server.url + path, options);

  it.each([
    ['GET', '/api/client/features?project=p&namePrefix=n', INGEST_TOKEN],
    ['GET', '/api/client/delta', INGEST_TOKEN],
    ['POST', '/api/client/register', INGEST_TOKEN],
    ['GET', '/api/frontend?userId=7&properties%5Bx%5D=%2B', FRONTEND_TOKEN],
    ['POST', '/api/frontend', FRONTEND_TOKEN],
    ['POST', '/api/frontend/client/register', FRONTEND_TOKEN],
  ])('forwards %s %s, and returns the answer unchanged', async (method, path, token) => {
    upstream.answer = (_request, response) => {
      response.writeHead(418, {
        ETag: '"76d8bb0e:7"',
        'Content-Encoding': 'gzip',
        'Content-Type': 'application/x-unleash',
        'Set-Cookie': ['a=1', 'b=2'],
        'X-Powered-By': 'Express',
        Connection: 'close, X-Of-Connection',
        'X-Of-Connection': 'nobody',
      });
      response.end(gzipSync('some flags'));
    };
    const sent = method === 'POST' ? '{"appName":"shop"}' : '';
    const { answer, body } = await ask(path, {
      method,
      token,
      headers: {
        'Content-Type': 'application/json',
        'If-None-Match': '"76d8bb0e:6"',
        'Unleash-Client-Spec': '5.2.0',
        Connection: 'close, X-Mine',
        'X-Mine': 'nobody',
        TE: 'trailers',
        Cookie: 'session=of-another-service',
        'Proxy-Authorization': 'Basic eDp5',
        'X-Api-Key': 'of-another-service',
      },
      body: sent,
    });
    expect(answer.statusCode).toBe(418);
    expect(gunzipSync(body).toString()).toBe('some flags');
    expect(answer.headers).toMatchObject({
      etag: '"76d8bb0e:7"',
      'content-encoding': 'gzip',
      'content-type': 'application/x-unleash',
    });
    expect(answer.headers).not.toHaveProperty('x-of-connection');
    // Unleash must not set cookies for this host, and SDKs do not use other headers.
    expect(answer.headers).not.toHaveProperty('set-cookie');
    expect(answer.headers).not.toHaveProperty('x-powered-by');
    const [seen] = upstream.seen;
    expect(seen).toMatchObject({ method, url: `/unleash${path}`, body: sent });
    expect(seen!.headers).toMatchObject({
      authorization: token,
      'if-none-match': '"76d8bb0e:6"',
      'unleash-client-spec': '5.2.0',
      host: `127.0.0.1:${upstream.port}`,
    });
    expect(Object.keys(seen!.headers)).not.toEqual(
      expect.arrayContaining([expect.stringMatching(/^(?:x-mine|te|cookie|proxy-authorization|x-api-key)$/)]),
    );
  });

  it('passes on 304 without a body', async () => {
    upstream.answer = (_request, response) => response.writeHead(304, { ETag: '"same"' }).end();
    const { answer, body } = await ask('/api/client/features');
    expect([answer.statusCode, answer.headers.etag, body.length]).toEqual([304, '"same"', 0]);
  });

  it('forwards only these paths, and no request with an unknown token', async () => {
    expect((await ask('/api/client/features', { token: 'unknown' })).answer.statusCode).toBe(401);
    expect((await ask('/api/client/features', { token: FRONTEND_TOKEN })).answer.statusCode).toBe(403);
    expect((await ask('/api/client/features/one-flag')).answer.statusCode).toBe(404);
    expect((await ask('/api/client/../admin/projects')).answer.statusCode).toBe(404);
    expect(upstream.seen).toEqual([]);
  });

  it('keeps metrics here', async () => {
    for (const [path, token, status] of [
      ['/api/client/metrics', INGEST_TOKEN, 202],
      ['/api/frontend/client/metrics', FRONTEND_TOKEN, 200],
    ] as const) {
      const impactMetrics = [{ name: 'kept_here', type: 'counter', samples: [{ value: 1 }] }];
      const body = JSON.stringify({ appName: 'shop', impactMetrics });
      const { answer } = await ask(path, {
        method: 'POST',
        token,
        headers: { 'Content-Type': 'application/json' },
        body,
      });
      expect(answer.statusCode).toBe(status);
    }
    expect(upstream.seen).toEqual([]);
    expect(valueOn(await scrape(server), 'kept_here{metric_type="counter",origin="sdk"}')).toBe(2);
  });

  it('passes on a stream event by event, and ends it when the client has disconnected', async () => {
    let stream: ServerResponse | undefined;
    upstream.answer = (_request, response) => {
      stream = response;
      response.writeHead(200, { 'Content-Type': 'text/event-stream' });
      response.flushHeaders();
    };
    const aborter = new AbortController();
    const response = await fetch(`${server.url}/api/client/streaming`, {
      headers: { Authorization: INGEST_TOKEN, Accept: 'text/event-stream' },
      signal: aborter.signal,
    });
    expect(response.headers.get('content-type')).toBe('text/event-stream');
    const reader = response.body!.getReader();
    for (const event of ['unleash-connected', 'unleash-updated']) {
      stream!.write(`event: ${event}\ndata: {}\n\n`);
      expect(Buffer.from((await reader.read()).value!).toString()).toBe(`event: ${event}\ndata: {}\n\n`);
    }
    const closed = once(stream!, 'close');
    aborter.abort();
    await closed;
  });

  it('cuts the connection of an answer that breaks off', async () => {
    upstream.answer = (_request, response) => {
      response.writeHead(200, { 'Content-Length': '100' });
      response.write('half of it');
      setTimeout(() => response.destroy(), 50);
    };
    await expect(ask('/api/client/features')).rejects.toThrow(/aborted|hang up|reset/i);
  });

  it('gives a real SDK its flags from there, and keeps its metrics here', async () => {
    const feature = {
      name: 'new-checkout',
      type: 'release',
      enabled: true,
      strategies: [{ name: 'default', parameters: {} }],
    };
    upstream.answer = ({ url }, response) => {
      if (!url.endsWith('/client/features')) response.writeHead(202).end();
      else
        response
          .writeHead(200, { 'Content-Type': 'application/json' })
          .end(JSON.stringify({ version: 2, features: [feature] }));
    };
    const app = SdkProcess.start('server', {
      url: `${server.url}/api/`,
      appName: 'shop',
      customHeaders: { Authorization: INGEST_TOKEN },
      metricsInterval: 150,
      refreshInterval: 150,
    });
    try {
      await app.first('synchronized');
      await app.call('defineCounter', ['purchases', 'Purchases']);
      await app.call('incrementCounter', ['purchases', 2, { flagNames: ['new-checkout'], context: {} }]);
      await app.next('sent', 2);
    } finally {
      await app.stop();
    }
    const series =
      'purchases{appName="shop",environment="development",metric_type="counter",new_checkout="enabled",origin="sdk"}';
    expect(valueOn(await scrape(server), series)).toBe(2);
    expect(upstream.seen.some(({ url }) => url.endsWith('/client/metrics'))).toBe(false);
    expect(upstream.seen.some(({ url }) => url === '/unleash/api/client/register')).toBe(true);
  });

  it('answers 503 if Unleash does not answer, before an SDK gives up', async () => {
    upstream.answer = () => {};
    const startedAt = Date.now();
    const { answer, body } = await ask('/api/client/features');
    expect(answer.statusCode).toBe(503);
    expect(answer.headers['retry-after']).toMatch(/^\d+$/);
    expect(body.toString()).toContain('UpstreamUnavailableError');
    // The time-out is 8 s, because an SDK waits for 10 s. The rest is for a busy machine.
    expect(Date.now() - startedAt).toBeLessThan(20_000);
  });

  it('limits the number of concurrent requests to Unleash, and stops while a stream is open', async () => {
    let isAsked: () => void;
    const asked = new Promise<void>((resolve) => (isAsked = resolve));
    upstream.answer = () => isAsked();
    const other = await startServer({
      DATABASE_URL: database.url,
      UNLEASH_UPSTREAM_URL: `http://127.0.0.1:${upstream.port}`,
      UNLEASH_UPSTREAM_REQUESTS: '1',
    });
    const headers = { Authorization: INGEST_TOKEN };
    const client = new AbortController();
    const first = fetch(`${other.url}/api/client/streaming`, { headers, signal: client.signal });
    await asked;
    const refused = await fetch(`${other.url}/api/client/features`, { headers });
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '10']);
    expect(await refused.text()).toContain('UNLEASH_UPSTREAM_REQUESTS');
    client.abort();
    await expect(first).rejects.toThrow('aborted');
    upstream.answer = (_request, response) => response.end('{}');
    for (let status = 503; status !== 200;) {
      status = (await fetch(`${other.url}/api/client/features`, { headers })).status;
    }

    upstream.answer = (_request, response) => {
      response.writeHead(200, { 'Content-Type': 'text/event-stream' });
      response.flushHeaders();
    };
    const response = await fetch(`${other.url}/api/client/streaming`, { headers });
    expect(response.status).toBe(200);
    const ended = response.text().catch(() => 'cut');
    const startedAt = Date.now();
    expect(await other.stop()).toBe(0);
    expect(await ended).toBe('cut');
    // A stop that waited for the stream would take at least 8 s, when connections are closed. SHUTDOWN_TIMEOUT_MS is 10 s.
    expect(Date.now() - startedAt).toBeLessThan(7_000);
  });

  it('detects an upstream that leads back to this service', async () => {
    upstream.answer = (_request, response) => response.end();
    await ask('/api/client/features');
    const { answer, body } = await ask('/api/client/features', { headers: { Via: upstream.seen[0]!.headers.via! } });
    expect(answer.statusCode).toBe(502);
    expect(body.toString()).toContain('leads back');
    expect(upstream.seen).toHaveLength(1);
  });

  it('answers 502 if the upstream is down, and still accepts metrics', async () => {
    await upstream.stop();
    const { answer, body } = await ask('/api/client/features');
    expect(answer.statusCode).toBe(502);
    expect(answer.headers['retry-after']).toMatch(/^\d+$/);
    expect(body.toString()).toContain('ECONNREFUSED');
    const frontend = await ask('/api/frontend', { token: FRONTEND_TOKEN });
    expect([frontend.answer.statusCode, frontend.answer.headers['access-control-allow-origin']]).toEqual([502, '*']);
    const metrics = await ask('/api/client/metrics', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ appName: 'shop' }),
    });
    expect(metrics.answer.statusCode).toBe(202);
    expect(server.output()).not.toContain('"level":"error"');
  });
});
