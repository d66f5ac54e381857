import { randomUUID } from 'node:crypto';
import { eventually } from '../support/eventually.js';
import { ADMIN_TOKEN, getJson, push, scrape, type TestServer, valueOn } from '../support/server.js';
import { storeUnderTest } from '../support/service-under-test.js';
import { type SlowProxy, startSlowProxy } from '../support/slow-proxy.js';

const ROUND_TRIP_MS = 300;

const PUSHERS = 4;
const PUSHING_MS = 6_000;

/** Maximum time for a push, which waits for a few round trips and for the commit before its own. */
const LIMIT_MS = 4_000;

describe(`a database to which a round trip takes ${ROUND_TRIP_MS} ms`, () => {
  const store = storeUnderTest('all');
  let proxy: SlowProxy;
  let far: TestServer;
  let other: TestServer;

  beforeAll(async () => {
    proxy = await startSlowProxy(store.url, ROUND_TRIP_MS);
    const settings = { COMPACTION_INTERVAL_SECONDS: '1', COMPACTION_HORIZON_SECONDS: '1' };
    far = await store.start({ ...settings, DATABASE_URL: proxy.url });
    other = await store.start({ ...settings, DATABASE_URL: proxy.url });
  });

  afterAll(async () => {
    const codes = await Promise.all([far.stop(), other.stop()]);
    await proxy.stop();
    expect(codes).toEqual([0, 0]);
  });

  it('loses nothing, doubles nothing and refuses nothing', async () => {
    let pushes = 0;
    const slow: number[] = [];
    const until = performance.now() + PUSHING_MS;
    const pushing = Array.from({ length: PUSHERS }, async (_, pusher) => {
      while (performance.now() < until) {
        // Some pushes need more round trips: for a new series, or to find out whether their key is known.
        const items = [
          { name: 'far_total', value: 1 },
          { name: 'far_gauge', type: 'gauge', value: pushes, labels: { id: randomUUID() } },
        ];
        const startedAt = performance.now();
        const answer = await push(far, items, pusher % 2 === 0 ? { 'Idempotency-Key': randomUUID() } : {});
        const ms = performance.now() - startedAt;
        expect([answer.status, await answer.text()]).toEqual([202, expect.any(String)]);
        if (ms > LIMIT_MS) slow.push(ms);
        pushes++;
      }
    });
    await Promise.all(pushing);
    expect(slow).toEqual([]);
    expect(pushes).toBeGreaterThan(PUSHERS);
    for (const server of [far, other]) {
      await eventually(async () => {
        const page = await scrape(server);
        expect(valueOn(page, 'far_total')).toBe(pushes);
        expect(page.match(/^far_gauge\{/gm)).toHaveLength(pushes);
      });
      expect((await fetch(`${server.url}/health/ready`)).status).toBe(200);
    }
    await eventually(async () => {
      const { rows } = await store.client.query('SELECT FROM sample_batch WHERE cardinality(series_ids) > 0');
      expect(rows).toEqual([]);
    });
    const { samples } = await getJson<{ samples: unknown[] }>(
      far,
      '/api/history/samples?metric=far_total&from=-1h&limit=10000',
    );
    expect(samples).toHaveLength(pushes);
  });

  it('answers queries and administration', async () => {
    const { data } = await getJson<{ data: { result: { value: [number, string] }[] } }>(
      far,
      '/api/v1/query?query=count(far_gauge)',
    );
    expect(Number(data.result[0]!.value[1])).toBeGreaterThan(PUSHERS);
    for (const path of ['/api/admin/tokens', '/api/admin/refusals', '/api/history/series?metric=far_total']) {
      const { status } = await fetch(far.url + path, { headers: { Authorization: ADMIN_TOKEN } });
      expect([path, status]).toEqual([path, 200]);
    }
    for (const server of [far, other]) expect(server.output()).not.toMatch(/"level":"(?:error|fatal)"/);
  });
});
