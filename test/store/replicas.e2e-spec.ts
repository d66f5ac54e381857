import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { eventually } from '../support/eventually.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';
import { isInstalled, startPrometheus } from '../support/prometheus.js';
import { ADMIN_TOKEN, getJson, push, scrape, startServer, type TestServer, valueOn } from '../support/server.js';

describe('two processes on one database', () => {
  let database: TestDatabase;
  const servers: TestServer[] = [];

  beforeAll(async () => {
    database = await createTestDatabase();
    servers.push(...(await Promise.all([1, 2].map(() => startServer({ DATABASE_URL: database.url })))));
  });

  afterAll(async () => {
    await Promise.all(servers.map((server) => server.kill()));
    await database.drop();
  });

  const custom = (page: string) => page.slice(page.indexOf('# HELP replica_'));

  test('show the same after a moment, including new series and new metrics', async () => {
    for (let round = 0; round < 20; round++) {
      const answers = await Promise.all(
        servers.map((server, index) =>
          push(server, [
            { name: 'replica_shared_total', value: 0.1 },
            { name: 'replica_own_total', value: 1, labels: { server: String(index), round: String(round) } },
            { name: 'replica_level', value: round * 10 + index },
          ]),
        ),
      );
      expect(answers.map(({ status }) => status)).toEqual([202, 202]);
    }
    await eventually(async () => {
      const [first, second] = await Promise.all(servers.map(async (server) => custom(await scrape(server))));
      expect(first!.split('\n').toSorted()).toEqual(second!.split('\n').toSorted());
      expect(valueOn(first!, 'replica_shared_total')).toBeCloseTo(4, 12);
    });
  });

  test('never show a counter that falls while both are pushed to', async () => {
    const falls: string[] = [];
    let isOver = false;
    const watchers = servers.map(async (server) => {
      for (let last = 0; !isOver; await sleep(20)) {
        const value = valueOn(await scrape(server), 'replica_race_total') ?? 0;
        if (value < last) falls.push(`${last} → ${value}`);
        last = value;
      }
    });
    const pushers = servers.flatMap((server) =>
      Array.from({ length: 4 }, async () => {
        for (let index = 0; index < 50; index++) await push(server, [{ name: 'replica_race_total', value: 0.1 }]);
      }),
    );
    await Promise.all(pushers);
    await eventually(async () => {
      const values = await Promise.all(
        servers.map(async (server) => valueOn(await scrape(server), 'replica_race_total')),
      );
      expect(values[0]).toBe(values[1]);
      expect(values[0]).toBeCloseTo(40, 12);
    });
    isOver = true;
    await Promise.all(watchers);
    expect(falls).toEqual([]);
  });

  test('accept samples of metrics that were declared on the other one', async () => {
    const declared = await fetch(`${servers[0]!.url}/api/admin/metrics/replica_declared`, {
      method: 'PUT',
      headers: { Authorization: ADMIN_TOKEN, 'Content-Type': 'application/json' },
      body: JSON.stringify({ type: 'counter', temporality: 'cumulative', help: 'Said on the first' }),
    });
    expect(declared.status).toBe(200);
    await eventually(async () => {
      const { metrics } = await getJson<{ metrics: { temporality: string }[] }>(
        servers[1]!,
        '/api/history/metrics?search=replica_declared',
      );
      expect(metrics).toMatchObject([{ temporality: 'cumulative' }]);
    });
    for (const value of [100, 110]) {
      expect(await (await push(servers[1]!, [{ name: 'replica_declared', value }])).text()).toBe('');
    }
    await eventually(async () => {
      for (const server of servers) {
        const page = await scrape(server);
        expect(page).toContain('# HELP replica_declared Said on the first\n');
        expect(page).toContain('replica_declared 110\n');
      }
    });
  });

  test('return a sample that the other one has just accepted', async () => {
    for (let round = 0; round < 10; round++) {
      const name = `replica_asked_${Math.floor(round / 2)}`;
      expect((await push(servers[0]!, [{ name, value: round, labels: { round: String(round) } }])).status).toBe(202);
      const { samples } = await getJson<{ samples: unknown[] }>(servers[1]!, `/api/history/samples?metric=${name}`);
      expect(samples.length).toBe((round % 2) + 1);
      const { metrics } = await getJson<{ metrics: { name: string }[] }>(
        servers[1]!,
        `/api/history/metrics?search=${name}`,
      );
      expect(metrics.map((metric) => metric.name)).toEqual([name]);
    }
  });

  const withPrometheus = isInstalled('prometheus') ? test : test.skip;
  withPrometheus('are counted twice by sum(), and once as docs/replicas.md says (needs prometheus)', async () => {
    const labels = ['a', 'b'].map((queue) => ({ queue }));
    for (const server of servers) {
      await push(
        server,
        labels.map((each) => ({ name: 'replica_scraped_total', value: 2, labels: each })),
      );
    }
    const prometheus = await startPrometheus({ one: servers[0]!.metricsUrl, two: servers[1]!.metricsUrl });
    try {
      const queries = ['sum(replica_scraped_total)', 'sum(max without (instance, job) (replica_scraped_total))'];
      const ask = () => Promise.all(queries.map(async (query) => (await prometheus.query(query))[0]?.value[1]));
      await eventually(async () => expect(await ask()).toEqual(['16', '8']));
    } finally {
      await prometheus.stop();
    }
  });

  test('start while series of removed metrics are still in the log', async () => {
    await push(servers[0]!, [
      { name: 'replica_removed', value: 1 },
      { name: 'replica_kept', value: 2 },
    ]);
    const client = new pg.Client({ connectionString: database.url });
    await client.connect();
    await client.query(`DELETE FROM metric WHERE name = 'replica_removed'`);
    await client.end();
    const third = await startServer({ DATABASE_URL: database.url });
    try {
      const page = await scrape(third);
      expect(page).not.toContain('replica_removed');
      expect(page).toContain('replica_kept 2\n');
    } finally {
      await third.kill();
    }
  });
});
