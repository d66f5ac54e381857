import { createTestDatabase } from '../support/test-database.js';
import { ADMIN_TOKEN, type Item, push, scrape, startServer } from '../support/server.js';

describe('a histogram whose senders have different buckets', () => {
  it('stays valid: summed by bucket, not falling from bound to bound, and +Inf is the count', async () => {
    const database = await createTestDatabase();
    const server = await startServer({ DATABASE_URL: database.url });
    try {
      const declared = await fetch(`${server.url}/api/admin/metrics/wait_seconds`, {
        method: 'PUT',
        headers: { Authorization: ADMIN_TOKEN, 'Content-Type': 'application/json' },
        body: JSON.stringify({ type: 'histogram' }),
      });
      expect(declared.ok).toBe(true);
      const parts = (buckets: Record<string, number>, sum: number, count: number): Item[] => [
        ...Object.entries(buckets).map(([le, value]) => ({ name: 'wait_seconds_bucket', labels: { le }, value })),
        { name: 'wait_seconds_sum', value: sum },
        { name: 'wait_seconds_count', value: count },
      ];
      await push(server, parts({ '5': 100, '20': 200, '+Inf': 200 }, 900, 200));
      await push(server, parts({ '5': 1, '10': 3, '+Inf': 5 }, 60, 5));
      const page = await scrape(server);
      const shown = [...page.matchAll(/^wait_seconds_(?:bucket\{le="([^"]+)"\}|(sum|count)) (\S+)$/gm)];
      expect(shown.map(([, le, part, value]) => [le ?? part, Number(value)])).toEqual([
        ['5', 101],
        ['10', 101],
        ['20', 200],
        ['+Inf', 205],
        ['sum', 960],
        ['count', 205],
      ]);
    } finally {
      await server.kill();
      await database.drop();
    }
  });
});
