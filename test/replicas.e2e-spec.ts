import { setTimeout as sleep } from 'node:timers/promises';
import { createTestDatabase, type TestDatabase } from './support/test-database.js';
import { push, scrape, startServer, type TestServer, valueOn } from './support/server.js';

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

  test('show the same within a second, new series and new metrics included', async () => {
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
    await sleep(1_000);
    const [first, second] = await Promise.all(servers.map(async (server) => custom(await scrape(server))));
    expect(first!.split('\n').toSorted()).toEqual(second!.split('\n').toSorted());
    expect(valueOn(first!, 'replica_shared_total')).toBeCloseTo(4, 12);
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
    await sleep(1_000);
    isOver = true;
    await Promise.all(watchers);
    expect(falls).toEqual([]);
    const values = await Promise.all(
      servers.map(async (server) => valueOn(await scrape(server), 'replica_race_total')),
    );
    expect(values[0]).toBe(values[1]);
    expect(values[0]).toBeCloseTo(40, 12);
  });
});
