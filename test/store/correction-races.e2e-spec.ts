import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import {
  all,
  correctionsOf,
  deleteSamples,
  IN_BLOCKS,
  item,
  orders,
  RIGHT_SUM,
  WRONG,
} from '../support/corrections.js';
import { eventually } from '../support/eventually.js';
import { push, scrape, valueOn } from '../support/server.js';
import { storeUnderTest } from '../support/service-under-test.js';

/** Longer than the time in which a process reads what others have changed. */
const SEVERAL_POLLS_MS = 1_500;

describe('a deletion of samples', () => {
  const store = storeUnderTest('each');
  const { pushAll, count, compacted, views } = correctionsOf(store);

  test('succeeds although the live values can not be reloaded at once', async () => {
    const server = await store.start(IN_BLOCKS);
    await pushAll(server, orders('orders_total'));
    await compacted();
    // A reload reads this column, and the deletion does not.
    await store.client.query(`
      CREATE FUNCTION hide() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN ALTER TABLE sample_writer RENAME folded_sequence TO hidden; RETURN NULL; END $$;
      CREATE TRIGGER hide AFTER INSERT ON correction FOR EACH ROW EXECUTE FUNCTION hide()`);
    const { status, body } = await deleteSamples(server, 'orders_total', WRONG);
    expect([status, body.sampleCount]).toEqual([200, 2]);
    expect(valueOn(await scrape(server), 'orders_total')).toBeGreaterThan(1e6);
    await store.client.query('ALTER TABLE sample_writer RENAME hidden TO folded_sequence');
    await eventually(async () => expect(valueOn(await scrape(server), 'orders_total')).toBe(RIGHT_SUM));
  });

  test('is refused under the former name of a metric whose rename the process has not learned of', async () => {
    const server = await store.start(IN_BLOCKS);
    await pushAll(server, orders('orders_total'));
    await compacted();
    // Without a new `updated_at`, the process never learns of it.
    await store.client.query(`UPDATE metric SET name = 'renamed_total' WHERE name = 'orders_total'`);
    const { status, body } = await deleteSamples(server, 'orders_total', WRONG);
    expect([status, body.message]).toEqual([503, expect.stringContaining('has just been renamed or removed')]);
    await store.client.query(`UPDATE metric SET name = 'orders_total' WHERE name = 'renamed_total'`);
    expect(await count('metric_sample')).toBe(orders('orders_total').length);
    expect((await deleteSamples(server, 'orders_total', WRONG)).status).toBe(200);
  });

  test('leaves everything as it was if its process is killed in the middle', async () => {
    let server = await store.start(IN_BLOCKS);
    await pushAll(server, orders('orders_total'));
    await compacted();
    const before = await views(server, 'orders_total');
    // The row of the series is needed last, when the blocks are already rewritten.
    const holder = new pg.Client({ connectionString: store.url });
    await holder.connect();
    await holder.query('BEGIN');
    await holder.query('SELECT 1 FROM series FOR UPDATE');
    const answer = deleteSamples(server, 'orders_total', WRONG).catch(() => 'lost');
    await eventually(async () => {
      const { rows } = await store.client.query<{ n: string }>(
        `SELECT count(*) AS n FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%loses_last%'
           AND datname = current_database()`,
      );
      expect(Number(rows[0]!.n)).toBe(1);
    });
    await server.kill();
    expect(await answer).toBe('lost');
    await holder.end();
    server = await store.start(IN_BLOCKS);
    expect(await views(server, 'orders_total')).toEqual(before);
    expect([await count('correction'), (await deleteSamples(server, 'orders_total', WRONG)).body.sampleCount]).toEqual([
      0, 2,
    ]);
    expect(await views(server, 'orders_total')).toEqual(all(RIGHT_SUM));
  });

  test('is seen once by each of three processes under load, which agree', async () => {
    const servers = await Promise.all([1, 2, 3].map(() => store.start(IN_BLOCKS)));
    let isOver = false;
    let pushed = 0;
    const load = servers.map(async (each, index) => {
      for (; !isOver; await sleep(5)) {
        const items = [item('busy_total', 0.1, 100 + index), { name: 'now_total', value: 0.3 }];
        expect((await push(each, items)).status).toBe(202);
        pushed++;
      }
    });
    const falls = servers.map(() => 0);
    const watchers = servers.map(async (each, index) => {
      for (let last = 0; !isOver; await sleep(20)) {
        const value = valueOn(await scrape(each), 'busy_total') ?? 0;
        if (value < last) falls[index]!++;
        last = value;
      }
    });
    await pushAll(servers[0]!, [item('busy_total', 1e6, 10), item('busy_total', 2e6, 20)]);
    await eventually(async () => {
      expect(await count('sample_block')).toBeGreaterThan(0);
      for (const each of servers) expect(valueOn(await scrape(each), 'busy_total')).toBeGreaterThan(3e6);
    });
    const { status, body } = await deleteSamples(servers[1]!, 'busy_total', WRONG);
    expect([status, body.sampleCount]).toEqual([200, 2]);
    // The process that answers shows the corrected value at once, and the others within their poll.
    expect(valueOn(await scrape(servers[1]!), 'busy_total')).toBeLessThan(1e6);
    await eventually(() => expect(falls).toEqual([1, 1, 1]));
    await sleep(SEVERAL_POLLS_MS);
    isOver = true;
    await Promise.all([...load, ...watchers]);
    expect(falls).toEqual([1, 1, 1]);
    await eventually(async () => {
      for (const each of servers) {
        const found = await views(each, 'busy_total');
        expect(found).toEqual(all(found.page));
        expect(found.page).toBeCloseTo(pushed * 0.1, 6);
      }
    });
    const pages = await Promise.all(servers.map((each) => scrape(each)));
    expect(new Set(pages.map((page) => valueOn(page, 'busy_total'))).size).toBe(1);
  });
});
