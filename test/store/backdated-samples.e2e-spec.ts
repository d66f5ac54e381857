import { eventually } from '../support/eventually.js';
import { getJson, push, scrape, type TestServer, valueOn } from '../support/server.js';
import { storeUnderTest } from '../support/service-under-test.js';

const DAY_MS = 24 * 3600 * 1000;
const DAYS = 1_000;

describe('backdated samples over a thousand days', () => {
  const store = storeUnderTest('all');
  let server: TestServer;

  beforeAll(async () => {
    server = await store.start({
      RETENTION_DAYS: '1100',
      COMPACTION_HORIZON_SECONDS: '1',
      COMPACTION_INTERVAL_SECONDS: '1',
    });
  });

  async function count(from: string): Promise<number> {
    const { rows } = await store.client.query<{ count: number }>(`SELECT count(*)::int AS count FROM ${from}`);
    return rows[0]!.count;
  }

  test('leave the log, in a bounded number of partitions, and are all there', async () => {
    const now = Date.now();
    const metrics = Array.from({ length: DAYS }, (_, day) => ({
      name: 'backdated_total',
      value: 1,
      timestamp: now - day * DAY_MS,
    }));
    expect((await push(server, metrics)).status).toBe(202);
    // More than a hundred partitions are created before, which takes long on a busy machine.
    await eventually(async () => expect(await count('sample_batch')).toBe(0), { limitMs: 90_000 });
    expect(await count('sample_block')).toBe(DAYS);
    // There are 101 partitions of merged blocks and 48 of fresh ones, and those of today and tomorrow.
    expect(await count(`pg_inherits JOIN pg_class ON oid = inhrelid WHERE relkind = 'r'`)).toBeLessThan(160);
    expect(valueOn(await scrape(server), 'backdated_total')).toBe(DAYS);
    const { series } = await getJson<{ series: { points: { value: number }[] }[] }>(
      server,
      `/api/history/query?metric=backdated_total&aggregate=count&step=1d&from=${now - 1_050 * DAY_MS}`,
    );
    expect(series[0]!.points.reduce((sum, { value }) => sum + value, 0)).toBe(DAYS);
  });
});
