import { gzipSync } from 'node:zlib';
import { parseExposition } from '../support/exposition-parser.js';
import { ADMIN_TOKEN, INGEST_TOKEN, scrape, valueOn, FRONTEND_TOKEN } from '../support/server.js';
import { serviceUnderTest } from '../support/service-under-test.js';

interface Post {
  readonly path?: string;
  readonly token?: string;
  readonly headers?: Record<string, string>;
  readonly body: unknown;
}

describe("the receiver for Unleash's SDKs", () => {
  const server = serviceUnderTest({
    INIT_FRONTEND_API_TOKENS: FRONTEND_TOKEN,
    // This limit is smaller than the bodies that SDKs may send. It must not apply to them.
    INGEST_MAX_BODY_BYTES: '1KiB',
  });

  function post({ path = '/api/client/metrics', token = INGEST_TOKEN, headers = {}, body }: Post): Promise<Response> {
    return fetch(server.url + path, {
      method: 'POST',
      headers: { Authorization: token, 'Content-Type': 'application/json', ...headers },
      body: typeof body === 'string' || body instanceof Buffer ? body : JSON.stringify(body),
    });
  }

  const impact = (...impactMetrics: unknown[]) => ({ appName: 'shop', impactMetrics });
  const counter = (name: string, value: unknown, labels?: object) => ({
    name,
    type: 'counter',
    samples: [{ value, labels }],
  });

  it('accepts the valid samples next to every kind of invalid one', async () => {
    const histogram = (sample: object) => ({ name: 'mixed_h', type: 'histogram', samples: [sample] });
    const response = await post({
      body: impact(
        null,
        7,
        [],
        { name: 'mixed' },
        { name: 'mixed', type: 'counter', samples: null },
        { name: 'mixed', type: 'counter', samples: [null, 1, { value: 'x' }, { value: 1, labels: [] }] },
        { name: { toString: 'x' }, type: 'counter', samples: [{ value: 1 }] },
        counter('mixed', 1, { deep: { er: 1 } }),
        counter('mixed', 1, { ['__proto__x']: 'y' }),
        counter('mixed', 5),
        histogram({ count: 1, sum: 1, buckets: [{ le: null, count: 1 }] }),
        histogram({ count: 1, sum: 1, buckets: [{ le: 1, count: 2 }] }),
        histogram({ count: 1, sum: 1, buckets: 'x' }),
        histogram({ count: 2, sum: -3, buckets: [{ le: 0, count: 2 }] }),
        { name: 'mixed', type: 'counter', samples: [{ value: null }, { value: 2 }] },
      ),
    });
    expect(response.status).toBe(202);
    expect(await response.text()).toBe('');
    const page = await scrape(server);
    expect(valueOn(page, 'mixed{metric_type="counter",origin="sdk"}')).toBe(7);
    expect(valueOn(page, 'mixed_h_count{metric_type="histogram",origin="sdk"}')).toBe(2);
    // This histogram has observations below zero.
    expect(valueOn(page, 'mixed_h_sum{metric_type="histogram",origin="sdk"}')).toBe(-3);
    parseExposition(page, 'text');
  });

  it('keeps the labels of the sender where their names clash with those it adds', async () => {
    await post({ body: impact(counter('clash', 1, { origin: 'edge', 'metric-type': 'mine' })) });
    expect(valueOn(await scrape(server), 'clash{metric_type="mine",origin="edge"}')).toBe(1);
  });

  it('reads names as Unleash does, without a colon', async () => {
    await post({ body: impact(counter('a:b-c', 1, { 'x:y': 'z' })) });
    expect(valueOn(await scrape(server), 'a_b_c{metric_type="counter",origin="sdk",x_y="z"}')).toBe(1);
  });

  it('accepts bodies of up to 5 MiB, whatever the limit of other senders is', async () => {
    const toggles = Object.fromEntries(
      Array.from({ length: 40_000 }, (_, n) => [`flag-${n}`, { yes: n, no: 1, variants: {} }]),
    );
    const body = JSON.stringify({ ...impact(counter('large', 1)), bucket: { start: 'x', stop: 'y', toggles } });
    expect(body.length).toBeGreaterThan(1_500_000);
    expect((await post({ body })).status).toBe(202);
    expect((await post({ body: gzipSync(body), headers: { 'Content-Encoding': 'gzip' } })).status).toBe(202);
    expect(valueOn(await scrape(server), 'large{metric_type="counter",origin="sdk"}')).toBe(2);
    expect((await post({ body: JSON.stringify({ ...impact(), pad: 'x'.repeat(5 * 1024 * 1024) }) })).status).toBe(413);
  });

  it.each([
    ['null', '/body'],
    ['[]', '/body'],
    ['{}', '/body/appName'],
    ['{"appName":"a","bucket":7}', '/body/bucket'],
  ])('refuses %s, which no SDK sends', async (body, path) => {
    const response = await post({ body });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ name: 'BadDataError', details: [{ path }] });
  });

  it.each([
    ['/api/client/metrics', FRONTEND_TOKEN, 403],
    ['/api/client/metrics/bulk', FRONTEND_TOKEN, 403],
    ['/api/client/register', FRONTEND_TOKEN, 403],
    ['/api/frontend/client/metrics', INGEST_TOKEN, 403],
    ['/api/frontend/client/register', ADMIN_TOKEN, 403],
    ['/api/frontend', INGEST_TOKEN, 403],
    ['/api/client/metrics', 'unknown', 401],
    ['/api/frontend/client/metrics', 'unknown', 401],
  ])('checks the token before the body: %s with %s is %d', async (path, token, status) => {
    const response = await post({ path, token, body: '{', headers: { 'Content-Encoding': 'br' } });
    expect(response.status).toBe(status);
    expect(Object.keys((await response.json()) as object)).toEqual(['message']);
  });

  describe('without an Unleash', () => {
    const get = (path: string, token: string, headers: Record<string, string> = {}) =>
      fetch(server.url + path, { headers: { Authorization: token, ...headers } });

    it.each([
      ['/api/client/features', INGEST_TOKEN, { version: 2, features: [], segments: [] }],
      ['/api/frontend', FRONTEND_TOKEN, { toggles: [] }],
    ])('GET %s has no flags, and says when nothing has changed', async (path, token, body) => {
      const first = await get(path, token);
      expect(first.status).toBe(200);
      expect(await first.json()).toEqual(body);
      const etag = first.headers.get('etag')!;
      const second = await get(path, token, { 'If-None-Match': etag });
      expect(second.status).toBe(304);
      expect(second.headers.get('etag')).toBe(etag);
      expect((await get(path, token, { 'If-None-Match': '"another"' })).status).toBe(200);
    });

    it.each([
      ['/api/client/register', INGEST_TOKEN, 202, ''],
      ['/api/frontend/client/register', FRONTEND_TOKEN, 200, 'OK'],
    ])('POST %s is taken', async (path, token, status, text) => {
      const response = await post({ path, token, body: { appName: 'shop', strategies: ['default'] } });
      expect(response.status).toBe(status);
      expect(await response.text()).toBe(text);
    });

    it.each(['/api/client/streaming', '/api/client/delta'])('GET %s says why there is none', async (path) => {
      const response = await get(path, INGEST_TOKEN);
      expect(response.status).toBe(404);
      expect(await response.text()).toContain('UNLEASH_UPSTREAM_URL');
    });
  });

  describe('for browsers', () => {
    const PATHS = ['/api/frontend', '/api/frontend/client/metrics', '/api/frontend/client/register'];

    it.each(PATHS)('lets a page of any origin ask %s', async (path) => {
      const preflight = await fetch(server.url + path, {
        method: 'OPTIONS',
        headers: {
          Origin: 'https://shop.example.com',
          'Access-Control-Request-Method': 'POST',
          'Access-Control-Request-Headers': 'authorization,content-type,x-unleash-appname',
        },
      });
      expect(preflight.status).toBe(204);
      expect(Object.fromEntries(preflight.headers)).toMatchObject({
        'access-control-allow-origin': '*',
        'access-control-allow-methods': 'GET, POST',
        'access-control-allow-headers': 'authorization,content-type,x-unleash-appname',
      });
      // The web page can read the refusal.
      const refused = await post({ path, token: 'unknown', body: {} });
      expect([refused.status, refused.headers.get('access-control-allow-origin')]).toEqual([401, '*']);
    });

    it('does not allow this for the paths of servers', async () => {
      const preflight = await fetch(`${server.url}/api/client/metrics`, { method: 'OPTIONS' });
      expect([preflight.status, preflight.headers.get('access-control-allow-origin')]).toEqual([404, null]);
    });
  });

  it('logs refusals without the content that was sent', async () => {
    await post({ body: impact(counter('secretive', 'x', { secret: 'hunter2' })) });
    expect(server.output()).toContain('Impact metrics were refused');
    expect(server.output()).not.toContain('hunter2');
    expect(server.output()).not.toContain('"level":"error"');
  });
});

describe("the receiver for Unleash's SDKs with other settings", () => {
  const server = serviceUnderTest({ UNLEASH_IMPACT_METRICS_LABELS: 'false', INGEST_RATE_LIMIT_PER_MINUTE: '2' });

  it('adds no labels, and says when to retry', async () => {
    const post = () =>
      fetch(`${server.url}/api/client/metrics`, {
        method: 'POST',
        headers: { Authorization: INGEST_TOKEN, 'Content-Type': 'application/json' },
        body: JSON.stringify({
          appName: 'shop',
          impactMetrics: [{ name: 'plain', type: 'counter', samples: [{ value: 1, labels: { app: 'shop' } }] }],
        }),
      });
    expect((await post()).status).toBe(202);
    expect((await post()).status).toBe(202);
    const limited = await post();
    expect(limited.status).toBe(429);
    expect(limited.headers.get('retry-after')).toMatch(/^[1-6]?\d$/);
    expect(valueOn(await scrape(server), 'plain{app="shop"}')).toBe(2);
  });
});
