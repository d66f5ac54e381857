import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { eventually } from '../support/eventually.js';
import type { FaultInjectingProxy } from '../support/fault-injecting-proxy.js';
import { ADMIN_TOKEN, push, scrape, type TestServer, valueOn } from '../support/server.js';
import { serviceBehindProxy } from '../support/service-behind-proxy.js';

const WAIT_MS = 1_000;

/** Maximum time for a held request. A fifth is the promised grace; the rest is for a busy machine. */
const HELD_MS = WAIT_MS * 1.2 + 700;

/**
 * Maximum time for a request, for which the service promises two seconds here. Without a limit, a request would wait until TCP
 * gives up after a quarter of an hour.
 */
const LIMIT_MS = 8_000;

/**
 * Maximum time for a stop, which takes about two seconds here, most of them WAIT_MS. After SHUTDOWN_TIMEOUT_MS, which is 10 s, it
 * is forced.
 */
const STOP_MS = 5_000;

describe('connections that go silent', () => {
  const service = serviceBehindProxy({
    STORE_WAIT_MS: String(WAIT_MS),
    COMPACTION_INTERVAL_SECONDS: '1',
    COMPACTION_HORIZON_SECONDS: '1',
  });
  let proxy: FaultInjectingProxy;
  let server: TestServer;

  beforeAll(() => {
    ({ proxy, server } = service);
  });

  const item = { name: 'silent_total', value: 1 };
  const tokens = () => fetch(`${server.url}/api/admin/tokens`, { headers: { Authorization: ADMIN_TOKEN } });

  test('in the middle of a compaction do not delay pushes', async () => {
    const held = proxy.silenceNext('DELETE FROM "public".sample_batch');
    await eventually(async () => expect((await push(server, [item])).status).toBe(202));
    await held;
    // A commit of unknown outcome needs the row of its writer, which a compaction changes.
    const answers = Array.from({ length: 4 }, () => push(server, [item]));
    proxy.silence();
    await Promise.all(answers);
    proxy.allowNew();
    const startedAt = performance.now();
    await eventually(async () => expect((await push(server, [item])).status).toBe(202));
    expect(performance.now() - startedAt).toBeLessThan(LIMIT_MS);
  });

  test('delay neither a request nor the next one', async () => {
    expect((await tokens()).status).toBe(200);
    proxy.silence();
    const startedAt = performance.now();
    const answers = await Promise.all([tokens(), push(server, [item]), fetch(`${server.url}/health/ready`)]);
    expect(answers.map(({ status }) => status)).toEqual([503, 503, 503]);
    expect(performance.now() - startedAt).toBeLessThan(LIMIT_MS);
    proxy.allowNew();
    await eventually(async () => expect((await push(server, [item])).status).toBe(202));
    expect((await tokens()).status).toBe(200);
  });

  test('do not delay a push for longer than STORE_WAIT_MS, and one with an unknown outcome is counted', async () => {
    const unknown = async () => valueOn(await scrape(server), 'custom_metrics_requests_with_unknown_outcome_total')!;
    const unknownBefore = await unknown();
    proxy.silence();
    const startedAt = performance.now();
    const answer = await push(server, [item]);
    expect(performance.now() - startedAt).toBeLessThan(HELD_MS);
    expect(answer.status).toBe(503);
    expect(await answer.text()).toContain('may have been stored');
    expect(await unknown()).toBe(unknownBefore + 1);
    proxy.allowNew();
    await eventually(async () => expect((await push(server, [item])).status).toBe(202));
  });

  test('do not affect a push if new connections can be opened: it is stored once, in time', async () => {
    const once = { name: 'silent_once_total', value: 1 };
    expect((await push(server, [once])).status).toBe(202);
    proxy.silence();
    proxy.allowNew();
    const startedAt = performance.now();
    expect((await push(server, [once])).status).toBe(202);
    expect(performance.now() - startedAt).toBeLessThan(HELD_MS);
    expect(valueOn(await scrape(server), 'silent_once_total')).toBe(2);
  });

  test('do not keep the process from ending', async () => {
    proxy.silence();
    const answer = push(server, [item]).then(({ status }) => status);
    // By now, the push and the background work wait for answers.
    await sleep(500);
    const startedAt = performance.now();
    server.process.kill('SIGTERM');
    const [code] = (await once(server.process, 'exit')) as [number | null];
    expect(performance.now() - startedAt).toBeLessThan(STOP_MS);
    expect(code).toBe(0);
    expect(await answer).toBe(503);
  });

  test('leave no session with its locks', async () => {
    // The process has ended, and its compaction with it. Postgres ends the session after 20 s. By default, that would take two
    // hours.
    await eventually(
      async () => {
        const { rows } = await service.client.query(
          `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND state LIKE 'idle in transaction%'`,
        );
        expect(rows).toEqual([]);
      },
      { limitMs: 40_000, intervalMs: 250 },
    );
  });
});
