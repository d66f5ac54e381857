import { eventually } from '../support/eventually.js';
import { ADMIN_TOKEN, push, type TestServer } from '../support/server.js';
import { serviceBehindProxy } from '../support/service-behind-proxy.js';

const CANCELLING_MS = 3_000;

/** A query of more series than one statement reads takes a transaction. */
const SERIES = 150;

describe('a connection that was left inside a transaction', () => {
  const service = serviceBehindProxy({
    DATABASE_POOL_SIZE: '4',
    COMPACTION_INTERVAL_SECONDS: '1',
    COMPACTION_HORIZON_SECONDS: '1',
  });
  let server: TestServer;

  beforeAll(async () => {
    ({ server } = service);
    const items = Array.from({ length: SERIES }, (_, index) => ({
      name: 'kept_total',
      value: 1,
      labels: { number: String(index) },
    }));
    await eventually(async () => expect((await push(server, items)).status).toBe(202));
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
    const { proxy } = service;
    proxy.refuse(statement);
    await Promise.all([1, 2, 3, 4].map(() => samples()));
    proxy.refuse(undefined);
    expect(proxy.refused).toBeGreaterThan(0);
    expect(await statuses()).toEqual([200, 202]);
  });

  test('does not exist after statements of all kinds were cancelled', async () => {
    const until = performance.now() + CANCELLING_MS;
    const cancelling = (async () => {
      while (performance.now() < until) {
        await service.client.query(
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
    expect(await statuses()).toEqual([200, 202]);
  });
});
