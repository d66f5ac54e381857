import { execFile } from 'node:child_process';
import { once } from 'node:events';
import http from 'node:http';
import { promisify } from 'node:util';
import { eventually } from '../support/eventually.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';
import { ADMIN_TOKEN, getJson, INGEST_TOKEN, push, scrape, startServer, type TestServer } from '../support/server.js';

const run = promisify(execFile);

describe('the compiled server', () => {
  let database: TestDatabase;
  let server: TestServer | undefined;

  beforeEach(async () => {
    database = await createTestDatabase();
  });

  afterEach(async () => {
    await server?.kill();
    server = undefined;
    await database.drop();
  });

  test('starts, is ready, and ends with 0 on SIGTERM after it has finished a running push', async () => {
    server = await startServer({ DATABASE_URL: database.url });
    const ready = await fetch(`${server.url}/health/ready`);
    expect(ready.status).toBe(200);
    expect(await ready.json()).toMatchObject({
      status: 'ok',
      details: { database: { status: 'up' }, store: { status: 'up' } },
    });
    expect(await (await fetch(`${server.url}/health/live`)).json()).toEqual({ status: 'ok' });

    const body = JSON.stringify({ metrics: [{ name: 'last_words_total', value: 1 }] });
    const request = http.request(`${server.url}/api/client/metrics/custom`, {
      method: 'POST',
      headers: {
        Authorization: INGEST_TOKEN,
        'Content-Type': 'application/json',
        'Content-Length': body.length,
        Expect: '100-continue',
      },
      // This agent would keep the connection for another request.
      agent: new http.Agent({ keepAlive: true }),
    });
    request.flushHeaders();
    // From now on, the server knows about the request.
    await once(request, 'continue');
    request.write(body.slice(0, 10));
    const stopped = server.stop();
    // Waits until the server accepts no other requests.
    await eventually(() =>
      expect(fetch(`${server!.url}/health/live`, { headers: { Connection: 'close' } })).rejects.toThrow(),
    );
    request.end(body.slice(10));
    const [response] = (await once(request, 'response')) as [http.IncomingMessage];
    response.resume();
    expect(response.statusCode).toBe(202);
    expect(response.headers['keep-alive']).toBe('timeout=65');
    expect(await stopped).toBe(0);
    expect(server.output()).toContain('Stopped.');
    expect(server.output()).not.toContain('still running near');
    server = await startServer({ DATABASE_URL: database.url });
    expect(await scrape(server)).toContain('last_words_total 1\n');
  });

  test('requires a token for the exposition with METRICS_AUTH=token, and does not wait for a client that never ends its request', async () => {
    server = await startServer({ DATABASE_URL: database.url, METRICS_AUTH: 'token', SHUTDOWN_TIMEOUT_MS: '1000' });
    expect((await fetch(server.metricsUrl)).status).toBe(401);
    expect((await fetch(server.metricsUrl, { headers: { Authorization: INGEST_TOKEN } })).status).toBe(403);
    const page = await fetch(server.metricsUrl, { headers: { Authorization: `Bearer ${ADMIN_TOKEN}` } });
    expect(page.status).toBe(200);

    const request = http.request(`${server.url}/api/client/metrics/custom`, {
      method: 'POST',
      headers: {
        Authorization: INGEST_TOKEN,
        'Content-Type': 'application/json',
        'Content-Length': 100,
        Expect: '100-continue',
      },
    });
    request.on('error', () => undefined);
    request.flushHeaders();
    await once(request, 'continue');
    request.write('{');
    const startedAt = Date.now();
    expect(await server.stop()).toBe(0);
    // SHUTDOWN_TIMEOUT_MS is one second; the slack is for a busy machine. Without that limit, the server would wait for the body
    // indefinitely.
    expect(Date.now() - startedAt).toBeLessThan(30_000);
  });

  test('refuses an invalid environment with all problems in one message', async () => {
    const failed = startServer({ DATABASE_URL: database.url, PORT: 'http', COUNTER_TEMPORALITY: 'sum' });
    await expect(failed).rejects.toThrow(/ended with 78[\s\S]*PORT[\s\S]*COUNTER_TEMPORALITY/);
  });

  test('refuses to start on a schema that is not migrated when it may not migrate', async () => {
    const url = new URL(database.url);
    url.pathname = '/postgres';
    const failed = startServer({ DATABASE_URL: url.href, MIGRATE_ON_START: 'false' });
    await expect(failed).rejects.toThrow(/npm run migrate/);
  });

  test('serves the exposition on a separate port, without gauges that are idle for GAUGE_IDLE_HIDE', async () => {
    server = await startServer({ DATABASE_URL: database.url, METRICS_PORT: '0', GAUGE_IDLE_HIDE: '4s' });
    expect(new URL(server.metricsUrl).port).not.toBe(new URL(server.url).port);
    expect(await scrape(server)).toContain('custom_metrics_series');
    for (const path of ['/metrics', '/metrics/', '/METRICS', '/internal-backstage/prometheus']) {
      expect((await fetch(server.url + path)).status).toBe(404);
    }
    expect((await fetch(new URL('/health/ready', server.metricsUrl))).status).toBe(404);

    const both = [
      { name: 'idle_level', value: 4 },
      { name: 'idle_total', value: 2 },
    ];
    await push(server, both);
    expect(await scrape(server)).toContain('idle_level 4\n');
    await eventually(async () => {
      const page = await scrape(server!);
      expect(page).not.toContain('idle_level');
      expect(page).toContain('idle_total 2\n');
    });
    await push(server, both);
    expect(await scrape(server)).toMatch(/idle_level 4\n[^]*idle_total 4\n/);
  });
});

describe('two running processes', () => {
  let database: TestDatabase;
  let first: TestServer;
  let second: TestServer;

  beforeAll(async () => {
    database = await createTestDatabase();
    first = await startServer({ DATABASE_URL: database.url });
    second = await startServer({ DATABASE_URL: database.url });
  });

  afterAll(async () => {
    await first?.kill();
    await second?.kill();
    await database.drop();
  });

  describe('tokens', () => {
    async function create(body: object): Promise<{ status: number; token: { id: number; token: string } }> {
      const response = await fetch(`${first.url}/api/admin/tokens`, {
        method: 'POST',
        headers: { Authorization: ADMIN_TOKEN, 'Content-Type': 'application/json' },
        body: JSON.stringify(body),
      });
      return { status: response.status, token: (await response.json()) as { id: number; token: string } };
    }

    test('created on one process work on another immediately, and are refused there once they are revoked', async () => {
      const { token } = await create({ name: 'app', scopes: ['ingest'], labels: { team: 'checkout' } });
      const item = { name: 'orders_total', value: 1, labels: { team: 'other' } };
      expect((await push(second, [item], { Authorization: token.token })).status).toBe(202);
      expect(await scrape(second)).toContain('orders_total{team="checkout"} 1\n');

      const revoked = await fetch(`${first.url}/api/admin/tokens/${token.id}`, {
        method: 'DELETE',
        headers: { Authorization: ADMIN_TOKEN },
      });
      expect(revoked.status).toBe(204);
      for (const server of [first, second]) {
        await eventually(async () =>
          expect((await push(server, [item], { Authorization: token.token })).status).toBe(401),
        );
      }
    });

    test('are listed without their secrets, by HTTP and by the command line', async () => {
      const { token } = await create({ name: 'listed', scopes: ['read'] });
      const list = JSON.stringify(await getJson(first, '/api/admin/tokens'));
      expect(list).toContain('listed');
      expect(list).not.toContain(token.token);
      const cli = `${process.env.DIST_DIR ?? 'dist'}/server/cli.js`;
      const env = { PATH: process.env.PATH, DATABASE_URL: database.url };
      const listed = await run(process.execPath, [cli, 'tokens', 'list'], { env });
      expect(listed.stdout).toContain('listed');
      const created = await run(
        process.execPath,
        [cli, 'tokens', 'create', '--name', 'by hand', '--scope', 'ingest', '--label', 'a=b'],
        { env },
      );
      const secret = /cmk_\S+/.exec(created.stdout)![0];
      expect((await push(first, [], { Authorization: secret })).status).toBe(202);
      await expect(run(process.execPath, [cli, 'tokens', 'create', '--name', 'x'], { env })).rejects.toMatchObject({
        code: 64,
        stderr: expect.stringContaining('Usage:'),
      });
    });

    test('are refused after they have expired', async () => {
      const expiresAt = Date.now() + 4_000;
      const { token } = await create({
        name: 'short',
        scopes: ['ingest'],
        expiresAt: new Date(expiresAt).toISOString(),
      });
      expect((await push(first, [], { Authorization: token.token })).status).toBe(202);
      await eventually(async () => expect((await push(first, [], { Authorization: token.token })).status).toBe(401));
      expect(Date.now()).toBeGreaterThanOrEqual(expiresAt);
    });

    test('are refused with the paths of all problems', async () => {
      const { status, token } = await create({ name: '', scopes: ['everything'], labels: { __x: '1' } });
      expect(status).toBe(400);
      expect(JSON.stringify(token)).toMatch(/body\/name.*body\/scopes.*body\/labels/);
    });
  });

  test('creates no series if it refuses a strict batch', async () => {
    const batch = [
      { name: 'strict_new', value: 1 },
      { name: 'strict_old', value: 1, timestamp: '2001-01-01T00:00:00Z' },
    ];
    expect((await push(first, batch, { Prefer: 'handling=strict' })).status).toBe(400);
    expect((await push(first, [batch[1]!])).status).toBe(202);
    const { metrics } = await getJson<{ metrics: { name: string }[] }>(first, '/api/history/metrics');
    expect(metrics.filter(({ name }) => name.startsWith('strict_'))).toEqual([]);
  });

  test('refuses a bucket without a bound once its histogram is declared, even if the series was known before', async () => {
    const item = { name: 'wait_seconds_bucket', value: 1 };
    for (let round = 0; round < 2; round++) expect(await (await push(first, [item])).text()).toBe('');
    const declared = await fetch(`${first.url}/api/admin/metrics/wait_seconds`, {
      method: 'PUT',
      headers: { Authorization: ADMIN_TOKEN, 'Content-Type': 'application/json' },
      body: JSON.stringify({ type: 'histogram' }),
    });
    expect(declared.status).toBe(200);
    expect(await (await push(first, [item])).json()).toMatchObject({ rejected: [{ reason: 'bucket_label_invalid' }] });
  });

  test('describes its routes at /api-docs', async () => {
    const page = await fetch(`${first.url}/api-docs`);
    expect(page.headers.get('content-security-policy')).not.toBeNull();
    const document = await getJson<{ paths: Record<string, object> }>(first, '/api-docs/openapi.json');
    expect(Object.keys(document.paths)).toContain('/api/client/metrics/custom');
  });
});
