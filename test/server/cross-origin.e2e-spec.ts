import { ADMIN_TOKEN, INGEST_TOKEN } from '../support/server.js';
import { serviceUnderTest } from '../support/service-under-test.js';

const ORIGIN = 'https://app.example.org';
const PUSH = '/api/client/metrics/custom';

describe('a server that allows web pages of one origin', () => {
  const server = serviceUnderTest({ CORS_ALLOWED_ORIGINS: `https://other.example.org, ${ORIGIN}` });

  /** Sends a preflight as a browser does. */
  const preflight = (path: string, origin = ORIGIN) =>
    fetch(server.url + path, {
      method: 'OPTIONS',
      headers: {
        Origin: origin,
        'Access-Control-Request-Method': 'POST',
        'Access-Control-Request-Headers': 'authorization,content-type,idempotency-key',
      },
    });

  const post = (path: string, body: string, headers: Record<string, string> = {}) =>
    fetch(server.url + path, {
      method: 'POST',
      headers: { Authorization: INGEST_TOKEN, 'Content-Type': 'application/json', Origin: ORIGIN, ...headers },
      body,
    });

  const corsHeadersOf = ({ headers }: Response) =>
    Object.fromEntries([...headers].filter(([name]) => name.startsWith('access-control-') || name === 'vary'));

  const SHOWN = {
    'access-control-allow-origin': ORIGIN,
    'access-control-expose-headers': expect.stringContaining('Idempotency-Replayed, Retry-After, RateLimit-Limit'),
    vary: 'Origin',
  };

  it.each([PUSH, `/${PUSH}/`, '/api/push', '/v1/metrics', '/api/v1/query', '/api/v1/label/le/values?x=1'])(
    'answers a preflight of %s without a token',
    async (path) => {
      const response = await preflight(path);
      expect(response.status).toBe(204);
      expect(corsHeadersOf(response)).toEqual({
        'access-control-allow-origin': ORIGIN,
        'access-control-allow-methods': 'GET, POST',
        'access-control-allow-headers': 'Authorization, Content-Type, Content-Encoding, Idempotency-Key, Prefer',
        'access-control-max-age': '86400',
        vary: 'Origin',
      });
    },
  );

  it('shows answers to the page: of the short path, of every other path, and refusals', async () => {
    const body = JSON.stringify({ metrics: [{ name: 'seen_total', value: 1 }] });
    // The short path answers the second push, because it knows the token by then.
    for (const prefer of ['', '', 'handling=strict']) {
      const response = await post(PUSH, body, { Prefer: prefer });
      expect(response.status).toBe(202);
      expect(corsHeadersOf(response)).toEqual(SHOWN);
    }
    const refused = await post(PUSH, body, { Authorization: 'wrong' });
    expect(refused.status).toBe(401);
    expect(corsHeadersOf(refused)).toEqual(SHOWN);
    const exported = await post('/v1/metrics', '{}');
    expect(exported.status).toBe(200);
    expect(corsHeadersOf(exported)).toEqual(SHOWN);
    const asked = await fetch(`${server.url}/api/v1/query?query=1`, {
      headers: { Origin: ORIGIN, Authorization: ADMIN_TOKEN },
    });
    expect(asked.status).toBe(200);
    expect(corsHeadersOf(asked)).toEqual({ ...SHOWN, vary: 'Origin, Accept, Accept-Encoding' });
  });

  it('shows nothing to other origins', async () => {
    for (const origin of ['https://evil.example.org', `${ORIGIN}.evil.org`, 'http://app.example.org', 'null']) {
      expect(corsHeadersOf(await preflight(PUSH, origin))).toEqual({ vary: 'Origin' });
      expect(corsHeadersOf(await post(PUSH, '{}', { Origin: origin }))).toEqual({ vary: 'Origin' });
    }
  });

  it.each(['/metrics', '/api/history/metrics', '/api/admin/tokens', '/metrics/job/x', `${PUSH}/more`, '/api/v1'])(
    'allows no page to use %s',
    async (path) => {
      for (const response of [
        await preflight(path),
        await fetch(server.url + path, { headers: { Origin: ORIGIN, Authorization: ADMIN_TOKEN } }),
      ]) {
        expect(response.headers.get('access-control-allow-origin')).toBeNull();
      }
    },
  );

  it('adds nothing to answers for clients that are not web pages', async () => {
    const response = await fetch(`${server.url}/api/v1/query?query=1`, { headers: { Authorization: ADMIN_TOKEN } });
    expect(response.ok).toBe(true);
    expect(corsHeadersOf(response)).toEqual({ vary: 'Accept, Accept-Encoding' });
  });
});
