import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { push, scrape, startServer } from '../support/server.js';
import { eventually } from '../support/eventually.js';
import { remove } from '../support/removal.js';
import { createTestDatabase } from '../support/test-database.js';

describe('removing while pushes go on', () => {
  test('every series shows exactly its own samples', async () => {
    const database = await createTestDatabase();
    const servers = await Promise.all(
      // The compaction removes rows from the log all the time. It must not count their samples for a removed series or for its
      // successor.
      [1, 2].map(() =>
        startServer({ DATABASE_URL: database.url, COMPACTION_HORIZON_SECONDS: '1', COMPACTION_INTERVAL_SECONDS: '1' }),
      ),
    );
    const client = new pg.Client({ connectionString: database.url });
    await client.connect();
    try {
      let isOver = false;
      const statuses = new Set<number>();
      // Each series is pushed with its own value, so that a sample in the wrong series would be noticed.
      const pushers = servers.flatMap((server, place) =>
        [1, 2, 3].map(async (pusher) => {
          for (let round = 0; !isOver; round++) {
            const items = Array.from({ length: 20 }, (_, index) => {
              const n = ((round * 7 + index * 11 + pusher) % 60) + 1;
              return [
                { name: `churn_${n % 6}_total`, value: n, labels: { n: String(n) } },
                { name: `level_${n % 6}`, value: n, labels: { n: String(n), place: String(place) } },
              ];
            });
            statuses.add((await push(server, items.flat())).status);
          }
        }),
      );
      const pages: string[] = [];
      const scraper = (async () => {
        for (; !isOver; await sleep(10)) pages.push(await scrape(servers[pages.length % 2]!));
      })();
      for (let round = 0; round < 60; round++) {
        const server = servers[round % 2]!;
        const metric = round % 3 === 0 ? `level_${round % 6}` : `churn_${round % 6}_total`;
        const query = round % 4 === 0 ? '' : `/series?label=n=${(round % 60) + 1}&label=n=${((round + 6) % 60) + 1}`;
        expect([200, 404]).toContain((await remove(server, metric + query)).status);
        await sleep(20);
      }
      isOver = true;
      await Promise.all([...pushers, scraper]);
      expect([...statuses]).toEqual([202]);

      const lines = (page: string) => page.split('\n').filter((line) => /^(?:churn|level)_/.test(line));
      for (const line of pages.flatMap(lines)) {
        const [, n, value] = /n="(\d+)".*} (\S+)$/.exec(line)!;
        expect(Number(value) % Number(n)).toBe(0);
      }
      for (const page of pages) {
        const types = page.split('\n').filter((line) => line.startsWith('# TYPE'));
        expect(new Set(types).size).toBe(types.length);
      }
      await eventually(async () => {
        // Rows without samples may stay, because they only occupy a key.
        const left = await client.query('SELECT FROM sample_batch WHERE cardinality(series_ids) > 0');
        expect(left.rowCount).toBe(0);
      });
      const { rows } = await client.query<{
        metric: string;
        labels: Record<string, string>;
        total: number;
        last: number;
      }>(`SELECT metric, labels, sum(value) AS total, max(value) AS last FROM metric_sample GROUP BY metric, labels`);
      const expected = rows.map(({ metric, labels, total, last }) =>
        metric.startsWith('churn')
          ? `${metric}{n="${labels['n']}"} ${total}`
          : `${metric}{n="${labels['n']}",place="${labels['place']}"} ${last}`,
      );
      await eventually(async () => {
        for (const server of servers) expect(lines(await scrape(server)).toSorted()).toEqual(expected.toSorted());
      });
      expect(expected.length).toBeGreaterThan(50);
      const stored = await client.query<{ samples: number }>(
        'SELECT sum(sample_count)::int AS samples FROM sample_block',
      );
      expect(stored.rows[0]!.samples).toBeGreaterThan(50);
    } finally {
      await client.end();
      await Promise.all(servers.map((server) => server.kill()));
      await database.drop();
    }
  });
});
