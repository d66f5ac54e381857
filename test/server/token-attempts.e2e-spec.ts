import { ADMIN_TOKEN, INGEST_TOKEN } from '../support/server.js';
import { serviceUnderTest } from '../support/service-under-test.js';

const JSON_TYPE = { 'Content-Type': 'application/json' };
const CUSTOM = '/api/client/metrics/custom';

/** A route of each kind that requires a token, with a token and a body that it accepts. */
const ROUTES = [
  ['POST', CUSTOM, INGEST_TOKEN, '{"metrics":[]}'],
  ['POST', `${CUSTOM}?way=express`, INGEST_TOKEN, '{"metrics":[]}'],
  ['POST', '/api/client/register', INGEST_TOKEN, '{}'],
  ['GET', '/api/client/features', INGEST_TOKEN, undefined],
  ['GET', '/api/history/metrics', ADMIN_TOKEN, undefined],
  ['GET', '/api/admin/tokens', ADMIN_TOKEN, undefined],
  ['GET', '/api/admin/custom-metrics/prometheus', ADMIN_TOKEN, undefined],
  ['GET', '/api/v1/labels', ADMIN_TOKEN, undefined],
] as const;

describe('tokens', () => {
  const server = serviceUnderTest({
    TOKEN_FAILURES_PER_MINUTE: '5',
    METRICS_PORT: '0',
    METRICS_AUTH: 'token',
    PROMQL_OPEN_PORT: '0',
  });

  const basic = (token: string) => `Basic ${Buffer.from(`anybody:${token}`).toString('base64')}`;

  it.each(ROUTES)('may be raw, a bearer, or the password of basic auth: %s %s', async (method, path, token, body) => {
    for (const Authorization of [token, `Bearer ${token}`, basic(token)]) {
      const response = await fetch(server.url + path, { method, body, headers: { Authorization, ...JSON_TYPE } });
      expect([Authorization.slice(0, 6), response.ok]).toEqual([Authorization.slice(0, 6), true]);
    }
  });

  it('may be the password of a scraper', async () => {
    expect((await fetch(server.metricsUrl, { headers: { Authorization: basic(ADMIN_TOKEN) } })).status).toBe(200);
  });

  it('that are wrong are answered 429 after some of them, and good ones always pass', async () => {
    const ask = (Authorization: string) => fetch(`${server.url}/api/history/metrics`, { headers: { Authorization } });
    const statuses: number[] = [];
    for (let guess = 0; guess < 8; guess++) statuses.push((await ask(`guess-${guess}`)).status);
    expect(statuses).toEqual([401, 401, 401, 401, 401, 429, 429, 429]);
    const refused = await ask(basic('guess'));
    expect([refused.status, Number(refused.headers.get('retry-after'))]).toEqual([429, expect.any(Number)]);
    expect((await ask(ADMIN_TOKEN)).status).toBe(200);
    // A client that sends no token is not guessing.
    expect((await fetch(`${server.url}/api/history/metrics`)).status).toBe(401);
    const created = await fetch(`${server.url}/api/admin/tokens`, {
      method: 'POST',
      headers: { Authorization: ADMIN_TOKEN, ...JSON_TYPE },
      body: '{"name":"new","scopes":["read"]}',
    });
    const { token } = (await created.json()) as { token: string };
    expect((await ask(token)).status).toBe(200);
  });

  it('are not needed for the API documentation, which is on the main port alone and works over plain HTTP', async () => {
    const promqlUrl = /PromQL without a token at (http:[^\s"]+)\/api\/v1/.exec(server.output())![1]!;
    for (const url of [new URL(server.metricsUrl).origin, promqlUrl]) {
      for (const path of ['/api-docs', '/api-docs/openapi.json', '/api-docs/swagger-ui.css']) {
        expect([path, (await fetch(url + path)).status]).toEqual([path, 404]);
      }
    }
    const page = await fetch(`${server.url}/api-docs`);
    expect(page.status).toBe(200);
    expect(page.headers.get('content-security-policy')).not.toContain('upgrade-insecure-requests');
    expect((await fetch(`${server.url}/api-docs/openapi.json`)).status).toBe(200);
  });
});
