import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { eventually } from '../support/eventually.js';
import { ADMIN_TOKEN, push, scrape, startServer, type TestServer, valueOn } from '../support/server.js';
import { startSwitchedProxy, type SwitchedProxy } from '../support/switched-proxy.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';

const CUT_EVERY_MS = 200;
const CUTTING_MS = 8_000;
const PUSHERS = 4;
const WAIT_MS = 1_000;

/** Maximum time for an answer, for which the service promises WAIT_MS and a grace. The rest is for a busy machine. */
const LIMIT_MS = 5_000;

describe('a database whose connections are cut and whose tables are locked', () => {
  let database: TestDatabase;
  let proxy: SwitchedProxy;
  let server: TestServer;
  let client: pg.Client;
  let postgresPort: number;

  beforeAll(async () => {
    database = await createTestDatabase();
    client = new pg.Client({ connectionString: database.url });
    await client.connect();
    postgresPort = Number(new URL(database.url).port);
    proxy = await startSwitchedProxy(postgresPort);
    const url = new URL(database.url);
    url.hostname = '127.0.0.1';
    url.port = String(proxy.port);
    server = await startServer({
      DATABASE_URL: url.href,
      STORE_WAIT_MS: String(WAIT_MS),
      COMPACTION_INTERVAL_SECONDS: '1',
      COMPACTION_HORIZON_SECONDS: '1',
    });
    expect((await push(server, [{ name: 'known_total', value: 1 }])).status).toBe(202);
  });

  afterAll(async () => {
    const code = await server.stop();
    await client.end();
    await proxy.stop();
    await database.drop();
    expect(code).toBe(0);
  });

  /** A refusal is an outage that says when to retry. */
  function expectAnswered({ status, headers }: Response): void {
    if (status < 500) return;
    expect(status).toBe(503);
    expect(headers.get('retry-after')).toMatch(/^\d+$/);
  }

  test('cuts every 200 ms lose nothing and double nothing', async () => {
    const until = performance.now() + CUTTING_MS;
    const cutting = (async () => {
      while (performance.now() < until) {
        await sleep(CUT_EVERY_MS);
        proxy.switchTo(postgresPort);
      }
    })();
    let pushes = 0;
    const statuses = new Set<number>();
    /** Sends a push with the same key until it is taken, as a client does. */
    const pushOne = async () => {
      const headers = { 'Idempotency-Key': randomUUID() };
      await eventually(async () => {
        const answer = await push(server, [{ name: 'cut_total', value: 1 }], headers);
        statuses.add(answer.status);
        expectAnswered(answer);
        expect(answer.status).toBe(202);
      });
      pushes++;
    };
    let taken = 0;
    let unknown = 0;
    /** Sends a push without a key, which is therefore not repeated. Its answer says whether it was stored. */
    const pushOnce = async () => {
      const answer = await push(server, [{ name: 'once_total', value: 1 }]);
      expectAnswered(answer);
      if (answer.status === 202) taken++;
      else if ((await answer.text()).includes('may have been stored')) unknown++;
    };
    const pushing = Array.from({ length: PUSHERS }, async (_, pusher) => {
      while (performance.now() < until) await (pusher % 2 === 0 ? pushOne() : pushOnce());
    });
    await Promise.all([cutting, ...pushing]);
    expect([...statuses].filter((status) => status !== 202 && status !== 503)).toEqual([]);
    // On a busy machine, most connections are cut before they are usable.
    expect(pushes).toBeGreaterThanOrEqual(PUSHERS / 2);
    await pushOne();
    // Rows whose outcome was unknown are settled as soon as the connections stay.
    await eventually(async () => expect((await push(server, [{ name: 'known_total', value: 1 }])).status).toBe(202));
    const page = await scrape(server);
    expect(valueOn(page, 'cut_total')).toBe(pushes);
    const once = valueOn(page, 'once_total') ?? 0;
    expect(once).toBeGreaterThanOrEqual(taken);
    expect(once).toBeLessThanOrEqual(taken + unknown);
    await eventually(async () => expect((await fetch(`${server.url}/health/ready`)).status).toBe(200));
  });

  test('a lock on any table delays no push, no query and no administration for long, and everything recovers', async () => {
    const { rows } = await client.query<{ name: string }>(
      `SELECT oid::regclass::text AS name FROM pg_class
       WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition ORDER BY 1`,
    );
    expect(rows.length).toBeGreaterThan(10);
    const admin = { headers: { Authorization: ADMIN_TOKEN } };
    const requests = [
      () => push(server, [{ name: 'known_total', value: 1 }]),
      () => push(server, [{ name: 'locked_total', value: 1, labels: { id: randomUUID() } }]),
      () => push(server, [{ name: 'known_total', value: 1 }], { 'Idempotency-Key': randomUUID() }),
      () => fetch(`${server.url}/api/admin/tokens`, admin),
      () => fetch(server.metricsUrl),
      () => fetch(`${server.url}/api/history/samples?metric=known_total`, admin),
      () => fetch(`${server.url}/api/v1/query?query=known_total`, admin),
    ];
    const slow: object[] = [];
    const readiness: Promise<number>[] = [];
    for (const { name } of rows) {
      await client.query(`BEGIN; LOCK TABLE ${name} IN ACCESS EXCLUSIVE MODE`);
      // A check of readiness is not told when to retry.
      readiness.push(fetch(`${server.url}/health/ready`).then(({ status }) => status));
      await Promise.all(
        requests.map(async (send, index) => {
          const answer = await Promise.race([send(), sleep(LIMIT_MS, undefined, { ref: false })]);
          if (answer === undefined) slow.push({ name, request: index });
          else expectAnswered(answer);
        }),
      );
      await client.query('COMMIT');
      await eventually(async () => expect((await requests[1]!()).status).toBe(202));
    }
    expect(slow).toEqual([]);
    for (const status of await Promise.all(readiness)) expect([200, 503]).toContain(status);
    await eventually(async () => expect((await fetch(`${server.url}/health/ready`)).status).toBe(200));
  });
});
