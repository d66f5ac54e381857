import { untilBlocked } from '../support/database-sessions.js';
import { eventually } from '../support/eventually.js';
import { bodyOf, newOnes, send, statusesOf, storedValues, TAKEN, WAYS } from '../support/keyed-push.js';
import { scrape, type TestServer, valueOn } from '../support/server.js';
import { storeUnderTest } from '../support/service-under-test.js';

describe('requests with one Idempotency-Key at the same time', () => {
  const store = storeUnderTest('all');
  let servers: [TestServer, TestServer];

  beforeAll(async () => {
    const settings = { DATABASE_POOL_SIZE: '5' };
    servers = [await store.start(settings), await store.start(settings)];
  });

  /** Pushes without a key on all processes until stopped, and returns the number of accepted pushes. */
  function pushMeanwhile(metric: string): () => Promise<number> {
    let isOver = false;
    let count = 0;
    const pushers = [...servers, ...servers].map(async (server) => {
      while (!isOver) {
        expect(await send(server, bodyOf({ name: metric, value: 1 }))).toEqual(TAKEN);
        count++;
      }
    });
    return async () => {
      isOver = true;
      await Promise.all(pushers);
      return count;
    };
  }

  test.each([
    ['one process', [0, 0, 0]],
    ['two processes', [0, 1, 0, 1]],
  ])('of many concurrent requests on %s, one is stored and all are answered', async (title, targets) => {
    const metric = `at_once_${title.replaceAll(' ', '_')}_total`;
    const stop = pushMeanwhile(`load_${metric}`);
    const expected: number[] = [];
    for (let round = 0; round < 25; round++) {
      const keys = Array.from({ length: 12 }, (_, index) => round * 12 + index + 1);
      expected.push(...keys);
      const answers = await Promise.all(
        keys.map((value) =>
          Promise.all(
            targets.map((target, place) =>
              send(servers[target]!, bodyOf({ name: metric, value }), {
                key: `${metric}-${value}`,
                way: WAYS[(value + place) % WAYS.length],
              }),
            ),
          ),
        ),
      );
      for (const ofKey of answers) {
        expect(statusesOf(ofKey)).toEqual(targets.map(() => 202));
        expect(newOnes(ofKey)).toHaveLength(1);
      }
    }
    const load = await stop();
    expect(await storedValues(store.client, metric)).toEqual(expected);
    expect(await storedValues(store.client, `load_${metric}`)).toHaveLength(load);
    expect(load).toBeGreaterThan(25);
    const sum = expected.reduce((total, value) => total + value, 0);
    await eventually(async () => {
      for (const server of servers) {
        const page = await scrape(server);
        expect(valueOn(page, metric)).toBe(sum);
        expect(valueOn(page, `load_${metric}`)).toBe(load);
      }
    });
  });

  test.each([
    ['one process', [0, 0, 0, 0]],
    ['two processes', [0, 1, 1, 0]],
  ])('of two concurrent bodies on %s, one is stored and the other is refused', async (title, targets) => {
    const metric = `bodies_${title.replaceAll(' ', '_')}_total`;
    for (let round = 0; round < 60; round++) {
      const key = `${metric}-${round}`;
      const answers = await Promise.all(
        targets.map((target, place) =>
          send(servers[target]!, bodyOf({ name: metric, value: round * 2 + (place % 2) }), { key }),
        ),
      );
      expect(statusesOf(answers)).toEqual([202, 202, 422, 422]);
      expect(newOnes(answers)).toHaveLength(1);
    }
    const values = await storedValues(store.client, metric);
    expect(values.map((value) => Math.floor(value / 2))).toEqual(Array.from({ length: 60 }, (_, round) => round));
  });

  test("groups with many keys in opposite orders do not stand in each other's way", async () => {
    const metric = 'opposite_total';
    // The commit is slow enough for the two requests to overlap.
    await store.client.query(`
      CREATE FUNCTION dawdle() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(0.01); RETURN NEW; END';
      CREATE TRIGGER dawdle BEFORE INSERT ON ingest_receipt FOR EACH ROW EXECUTE FUNCTION dawdle()`);
    expect((await send(servers[0], bodyOf({ name: metric, value: -1, temporality: 'cumulative' }))).text).toBe('');
    for (let round = 0; round < 3; round++) {
      const values = Array.from({ length: 40 }, (_, index) => round * 40 + index);
      // While the first commit waits, the other requests form one group on each process.
      await store.client.query('BEGIN; LOCK TABLE sample_batch IN SHARE MODE');
      const sent = [values, values.toReversed()].flatMap((order, target) =>
        order.map((value) =>
          send(servers[target]!, bodyOf({ name: metric, value, temporality: 'cumulative' }), {
            key: `opposite-${value}`,
          }),
        ),
      );
      await untilBlocked(store.client, servers.length);
      await eventually(async () => {
        for (const server of servers) {
          expect(valueOn(await scrape(server), 'custom_metrics_queued_samples')).toBe(values.length);
        }
      });
      await store.client.query('COMMIT');
      expect(newOnes(await Promise.all(sent))).toHaveLength(values.length);
    }
    expect(await storedValues(store.client, metric)).toEqual(Array.from({ length: 121 }, (_, index) => index - 1));
    await store.client.query('DROP TRIGGER dawdle ON ingest_receipt');
    for (const server of servers) expect(server.output()).not.toContain('deadlock');
  });
});
