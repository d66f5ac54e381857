import { ADMIN_TOKEN, INGEST_TOKEN, push, startServer, type TestServer } from '../support/server.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';

describe('PROMQL_OPEN_PORT', () => {
  let database: TestDatabase;
  let server: TestServer;
  let openUrl: string;

  beforeAll(async () => {
    database = await createTestDatabase();
    server = await startServer({ DATABASE_URL: database.url, PROMQL_OPEN_PORT: '0', METRICS_PORT: '0' });
    openUrl = /PromQL without a token at (http:[^\s"]+)\/api\/v1/.exec(server.output())![1]!;
    await push(server, [{ name: 'orders_total', value: 3 }]);
  });

  afterAll(async () => {
    const code = await server?.stop();
    await database?.drop();
    expect(code).toBe(0);
  });

  const statusOf = async (url: string, init?: RequestInit) => (await fetch(url, init)).status;

  it('answers queries without a token, by GET and by POST', async () => {
    const answers = [
      await fetch(`${openUrl}/api/v1/query?query=orders_total`),
      await fetch(`${openUrl}/api/v1/query`, { method: 'POST', body: new URLSearchParams({ query: 'orders_total' }) }),
      // A token is ignored, even if it has no right to read.
      await fetch(`${openUrl}/api/v1/query?query=orders_total`, { headers: { Authorization: INGEST_TOKEN } }),
    ];
    for (const answer of answers) {
      expect(answer.status).toBe(200);
      expect(await answer.json()).toMatchObject({ data: { result: [{ value: [expect.any(Number), '3'] }] } });
    }
  });

  it('serves nothing else there, whatever the token', async () => {
    const headers = { Authorization: ADMIN_TOKEN, 'Content-Type': 'application/json' };
    for (const path of ['/api/history/metrics', '/api/admin/tokens', '/health/live', '/metrics', '/api/v1', '/']) {
      expect([path, await statusOf(openUrl + path, { headers })]).toEqual([path, 404]);
    }
    const pushed = { method: 'POST', headers: { ...headers, Authorization: INGEST_TOKEN }, body: '{"metrics":[]}' };
    expect(await statusOf(`${openUrl}/api/client/metrics/custom`, pushed)).toBe(404);
  });

  it.each([
    ['a literal of negative length', '28fcfaffffff'],
    ['four gigabytes announced', 'ffffffff0f'],
    ['a copy from before the beginning', '0401ff'],
  ])('refuses a body of remote_read with %s', async (_, hex) => {
    const answer = await fetch(`${openUrl}/api/v1/read`, {
      method: 'POST',
      headers: { 'Content-Encoding': 'snappy' },
      body: Buffer.from(hex, 'hex'),
      signal: AbortSignal.timeout(20_000),
    });
    expect(answer.status).toBe(400);
    expect(await answer.text()).toContain("the body is not in Snappy's block format");
    expect(await statusOf(`${server.url}/health/live`, { signal: AbortSignal.timeout(20_000) })).toBe(200);
  });

  it('changes nothing at the usual port', async () => {
    expect(await statusOf(`${server.url}/api/v1/query?query=orders_total`)).toBe(401);
    expect(
      await statusOf(`${server.url}/api/v1/query?query=orders_total`, { headers: { Authorization: INGEST_TOKEN } }),
    ).toBe(403);
    expect(
      await statusOf(`${server.url}/api/v1/query?query=orders_total`, { headers: { Authorization: ADMIN_TOKEN } }),
    ).toBe(200);
  });
});
