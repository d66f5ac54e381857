import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { eventually } from '../support/eventually.js';
import { type MeddlingProxy, startMeddlingProxy } from '../support/meddling-proxy.js';
import { ADMIN_TOKEN, push, scrape, startServer, type TestServer, valueOn } from '../support/server.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';

const WAIT_MS = 1_000;

/** A fifth is the promised grace, the rest is for a busy machine. */
const HELD_MS = WAIT_MS * 1.2 + 700;

/** Without a limit a request waits for as long as TCP does, a quarter of an hour. The service promises two seconds here. */
const LIMIT_MS = 8_000;

/** A stop takes some two seconds here, most of them WAIT_MS; after SHUTDOWN_TIMEOUT_MS, which is 10 s, it is forced. */
const STOP_MS = 5_000;

describe('connections that go silent', () => {
  let database: TestDatabase;
  let proxy: MeddlingProxy;
  let server: TestServer;

  beforeAll(async () => {
    database = await createTestDatabase();
    proxy = await startMeddlingProxy(database.url);
    server = await startServer({
      DATABASE_URL: proxy.url,
      STORE_WAIT_MS: String(WAIT_MS),
      COMPACTION_INTERVAL_SECONDS: '1',
      COMPACTION_HORIZON_SECONDS: '1',
    });
  });

  afterAll(async () => {
    if (server.process.exitCode === null) await server.kill();
    await proxy.stop();
    await database.drop();
  });

  const item = { name: 'silent_total', value: 1 };
  const tokens = () => fetch(`${server.url}/api/admin/tokens`, { headers: { Authorization: ADMIN_TOKEN } });

  test('in the middle of a compaction do not hold pushes up', async () => {
    const held = proxy.silenceNext('DELETE FROM sample_batch');
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

  test('do not hold a request, and not the next one either', async () => {
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

  test('do not hold a push for longer than STORE_WAIT_MS, and one whose outcome is not known is counted', async () => {
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

  test('cost a push nothing where new connections can be made: it is stored once, in time', async () => {
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
    // The push and the background work wait for answers by now.
    await sleep(500);
    const startedAt = performance.now();
    server.process.kill('SIGTERM');
    const [code] = (await once(server.process, 'exit')) as [number | null];
    expect(performance.now() - startedAt).toBeLessThan(STOP_MS);
    expect(code).toBe(0);
    expect(await answer).toBe(503);
  });

  test('leave no session with its locks behind', async () => {
    const client = new pg.Client({ connectionString: database.url });
    await client.connect();
    // The process has ended, and its compaction with it. Postgres ends the session after 20 s; by default it would take two hours.
    const limit = performance.now() + 40_000;
    for (let isOpen = true; isOpen;) {
      const { rows } = await client.query(
        `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND state LIKE 'idle in transaction%'`,
      );
      isOpen = rows.length > 0;
      if (isOpen && performance.now() > limit) throw new Error('The session of the compaction is still open.');
      await new Promise((resolve) => setTimeout(resolve, 250));
    }
    await client.end();
  });
});
