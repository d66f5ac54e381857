import { once } from 'node:events';
import { startDatabaseProxy } from '../support/database-proxy.js';
import { eventually } from '../support/eventually.js';
import { ADMIN_TOKEN, createToken, getJson, INGEST_TOKEN, push, type TestServer } from '../support/server.js';
import { storeUnderTest } from '../support/service-under-test.js';

interface Refusal {
  readonly lastAt: string;
  readonly firstAt: string;
  readonly count: number;
  readonly token: string | null;
  readonly reason: string;
  readonly message: string;
  readonly metric: string | null;
  readonly value: string | null;
}

describe('GET /api/admin/refusals', () => {
  const store = storeUnderTest('all');
  let server: TestServer;
  let other: TestServer;

  beforeAll(async () => {
    server = await store.start({ INGEST_REFUSALS_KEPT: '20' });
    other = await store.start({ INGEST_REFUSALS_KEPT: '20' });
  });

  const listed = async (query = '', at = server) =>
    (await getJson<{ refusals: Refusal[] }>(at, `/api/admin/refusals${query}`)).refusals;

  /** Waits until there is a refusal that matches. */
  const find = (wanted: Partial<Refusal>, at = server) =>
    eventually(async () => {
      const all = await listed('', at);
      const found = all.find((each) =>
        Object.entries(wanted).every(([name, value]) => each[name as keyof Refusal] === value),
      );
      if (found === undefined) throw new Error(`There is no ${JSON.stringify(wanted)} in ${JSON.stringify(all)}`);
      return found;
    });

  it('lists refused items of every process, with their token, reason, name and value', async () => {
    const token = await createToken(server, { name: 'shop-ingest' });
    const startedAt = Date.now();
    const pushAs = (at: TestServer, value: number) =>
      push(
        at,
        [
          { name: 'orders_total', value },
          { name: 'fine_total', value: 1 },
        ],
        { Authorization: token },
      );
    expect((await pushAs(server, -3)).status).toBe(202);
    const first = await find({ metric: 'orders_total', token: 'shop-ingest' }, other);
    expect(first).toMatchObject({ reason: 'negative_delta', value: '-3', count: 1 });
    expect(first.message).toContain('orders_total');
    expect(Date.parse(first.lastAt)).toBeGreaterThanOrEqual(startedAt - 1_000);
    await pushAs(other, -4);
    const second = await find({ metric: 'orders_total', count: 2 });
    expect(second).toMatchObject({ value: '-4', firstAt: first.firstAt });
    expect((await listed()).map(({ metric }) => metric)).not.toContain('fine_total');
  });

  it.each([
    [
      'a token that may not push',
      () => createToken(server, { name: 'reader', scopes: ['read'] }),
      403,
      'token_not_allowed',
      'reader',
    ],
    ['an unknown token', () => Promise.resolve(`test:development.${'9'.repeat(56)}`), 401, 'token_unknown', null],
  ])('lists a push with %s', async (_, tokenOf, status, reason, token) => {
    const Authorization = await tokenOf();
    expect((await push(server, [{ name: 'a', value: 1 }], { Authorization })).status).toBe(status);
    expect(await find({ reason, token })).toMatchObject({ metric: null, value: null });
    const text = JSON.stringify(await listed());
    expect(text).not.toContain('9'.repeat(20));
  });

  it.each([
    ['/api/client/metrics/custom', '{"metrics": 5}', 'application/json', 400, 'request_invalid'],
    [
      '/api/client/metrics/custom',
      `{"metrics":[${' '.repeat(6_000_000)}]}`,
      'application/json',
      413,
      'request_too_large',
    ],
    ['/api/client/metrics/custom', 'a=b', 'text/html', 415, 'content_type_unknown'],
    ['/v1/metrics', '{"resourceMetrics": 5}', 'application/json', 400, 'request_invalid'],
  ])('lists a refused request to %s (%#)', async (path, body, contentType, status, reason) => {
    const token = await createToken(server, { name: `sender of ${status} to ${path}` });
    const headers = { Authorization: token, 'Content-Type': contentType };
    const response = await fetch(server.url + path, { method: 'POST', headers, body });
    expect(response.status).toBe(status);
    const refusal = await find({ reason, token: `sender of ${status} to ${path}` });
    expect(refusal.message.length).toBeGreaterThan(10);
  });

  it('does not list refused requests that are no pushes', async () => {
    const token = await createToken(server, { name: 'pusher' });
    const response = await fetch(`${server.url}/api/history/metrics`, { headers: { Authorization: token } });
    expect(response.status).toBe(403);
    await push(server, [{ name: 'after', type: 'counter', value: -1 }]);
    await find({ metric: 'after' });
    expect((await listed()).filter(({ token: name }) => name === 'pusher')).toEqual([]);
  });

  it('shortens long names and values, and hides what looks like a token', async () => {
    const secret = await createToken(server, { name: 'written into a value' });
    await push(server, [
      { name: `x${'long'.repeat(500)}`, value: 1 },
      { name: `leak_${secret}`, type: 'counter', value: -1 },
    ]);
    await find({ reason: 'name_too_long' });
    const all = await eventually(async () => {
      const found = await listed();
      expect(found.some(({ metric }) => metric === '(hidden)')).toBe(true);
      return found;
    });
    for (const { metric, value, message } of all) {
      expect([(metric ?? '').length <= 200, (value ?? '').length <= 200, message.length <= 500]).toEqual([
        true,
        true,
        true,
      ]);
    }
    expect(JSON.stringify(all)).not.toContain(secret.slice(4));
    expect(JSON.stringify(all)).not.toContain(secret.slice(4, 24));
  });

  it('gives one token at most half of the places, however many names it makes up', async () => {
    const token = await createToken(server, { name: 'patient' });
    await push(server, [{ name: 'rare_total', value: -1 }], { Authorization: token });
    await find({ metric: 'rare_total' });
    const flood = Array.from({ length: 2_000 }, (_, index) => ({ name: `flood_${index}_total`, value: -1 }));
    for (let count = 0; count < 5; count++) {
      expect((await push(server, flood.slice(count * 400, (count + 1) * 400))).status).toBe(202);
    }
    const isFlood = ({ metric }: Refusal) => metric?.startsWith('flood_') === true;
    await eventually(async () => {
      const all = await listed();
      expect(all.filter(isFlood).length).toBe(10);
      expect(all.length).toBeLessThanOrEqual(20);
      expect(all.map(({ metric }) => metric)).toContain('rare_total');
    });
    const { rows } = await store.client.query('SELECT count(*)::int AS count FROM refusal');
    expect(rows[0].count).toBeLessThanOrEqual(20);
  });

  it('does not make pushes wait while its table is locked, and lists everything later', async () => {
    await store.client.query('BEGIN');
    await store.client.query('LOCK TABLE refusal IN ACCESS EXCLUSIVE MODE');
    const startedAt = performance.now();
    for (let count = 0; count < 20; count++) {
      await push(server, [
        { name: 'late_total', value: -1 },
        { name: 'stored_total', value: 1 },
      ]);
    }
    // A push would otherwise wait for the table until STORE_WAIT_MS, which is five seconds.
    expect(performance.now() - startedAt).toBeLessThan(4_500);
    await store.client.query('COMMIT');
    expect(await find({ metric: 'late_total', count: 20 })).toMatchObject({ reason: 'negative_delta' });
  });

  it('counts a refusal once if its write was committed and the answer was lost', async () => {
    const proxy = await startDatabaseProxy(store.url);
    const behind = await store.start({ DATABASE_URL: proxy.url, INGEST_REFUSALS_KEPT: '20' });
    try {
      const isCaught = proxy.catchNext(['INSERT INTO', 'refusal AS kept'], 'answer-lost');
      await push(behind, [{ name: 'lost_answer_total', value: -1 }]);
      await isCaught;
      proxy.reconnect();
      expect(await find({ metric: 'lost_answer_total' })).toMatchObject({ count: 1 });
      await push(behind, [{ name: 'afterwards_total', value: -1 }]);
      await find({ metric: 'afterwards_total' });
      expect(await find({ metric: 'lost_answer_total' })).toMatchObject({ count: 1 });
    } finally {
      await behind.stop();
      await proxy.stop();
    }
  });

  it('lists what a process refused just before it was stopped', async () => {
    const third = await store.start({ INGEST_REFUSALS_KEPT: '20' });
    await push(third, [{ name: 'last_total', value: -1 }]);
    // The usual stop of a test first reads expositions, which takes longer than the pause between two writes.
    third.process.kill('SIGTERM');
    await once(third.process, 'exit');
    expect((await listed()).map(({ metric }) => metric)).toContain('last_total');
  });

  it('lists as many as were asked for, the newest first', async () => {
    const all = await listed();
    expect(await listed('?limit=2')).toEqual(all.slice(0, 2));
    expect(all.map(({ lastAt }) => lastAt)).toEqual(
      all
        .map(({ lastAt }) => lastAt)
        .toSorted()
        .toReversed(),
    );
  });

  it.each(['?limit=0', '?limit=1001', '?limit=x', '?Limit=5'])('refuses %s', async (query) => {
    const headers = { Authorization: ADMIN_TOKEN };
    expect((await fetch(`${server.url}/api/admin/refusals${query}`, { headers })).status).toBe(400);
  });

  it('needs the scope admin', async () => {
    const headers = { Authorization: INGEST_TOKEN };
    expect((await fetch(`${server.url}/api/admin/refusals`, { headers })).status).toBe(403);
  });
});
