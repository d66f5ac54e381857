import pg from 'pg';
import { eventually } from '../support/eventually.js';
import { type FaultInjectingProxy, startFaultInjectingProxy } from '../support/fault-injecting-proxy.js';
import { ADMIN_TOKEN, push, startServer, type TestServer } from '../support/server.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';

const CANCELLING_MS = 3_000;

/** A query of more series than one statement reads takes a transaction. */
const SERIES = 150;

describe('a connection that was left inside a transaction', () => {
  let database: TestDatabase;
  let proxy: FaultInjectingProxy;
  let server: TestServer;

  beforeAll(async () => {
    database = await createTestDatabase();
    proxy = await startFaultInjectingProxy(database.url);
    server = await startServer({
      DATABASE_URL: proxy.url,
      DATABASE_POOL_SIZE: '4',
      COMPACTION_INTERVAL_SECONDS: '1',
      COMPACTION_HORIZON_SECONDS: '1',
    });
    const items = Array.from({ length: SERIES }, (_, index) => ({
      name: 'kept_total',
      value: 1,
      labels: { number: String(index) },
    }));
    await eventually(async () => expect((await push(server, items)).status).toBe(202));
  });

  afterAll(async () => {
    await server.kill();
    await proxy.stop();
    await database.drop();
  });

  const samples = () =>
    fetch(`${server.url}/api/history/samples?metric=kept_total`, { headers: { Authorization: ADMIN_TOKEN } });

  /**
   * Sends many requests of every kind, concurrently and one after another, so that every connection of the pool is used. Returns
   * the different statuses in ascending order.
   */
  async function statuses(): Promise<number[]> {
    const found = new Set<number>();
    for (let round = 0; round < 10; round++) {
      const answers = await Promise.all([
        ...[1, 2, 3, 4].map(() => samples()),
        push(server, [{ name: 'kept_total', value: 1 }]),
        fetch(`${server.url}/health/ready`),
      ]);
      for (const { status } of answers) found.add(status);
    }
    return [...found].toSorted((a, b) => a - b);
  }

  test.each(['statement_timeout', 'ROLLBACK'])('is not used again after its %s failed', async (statement) => {
    proxy.refuse(statement);
    await Promise.all([1, 2, 3, 4].map(() => samples()));
    proxy.refuse(undefined);
    expect(proxy.refused).toBeGreaterThan(0);
    expect(await statuses()).toEqual([200, 202]);
  });

  test('does not exist after statements of all kinds were cancelled', async () => {
    const canceller = new pg.Client({ connectionString: database.url });
    await canceller.connect();
    const until = performance.now() + CANCELLING_MS;
    const cancelling = (async () => {
      while (performance.now() < until) {
        await canceller.query(
          `SELECT pg_cancel_backend(pid) FROM pg_stat_activity
           WHERE datname = current_database() AND pid <> pg_backend_pid()`,
        );
      }
    })();
    const asking = Array.from({ length: 4 }, async () => {
      while (performance.now() < until) {
        await samples();
        await push(server, [{ name: 'kept_total', value: 1 }]);
      }
    });
    await Promise.all([cancelling, ...asking]);
    await canceller.end();
    expect(await statuses()).toEqual([200, 202]);
  });
});
