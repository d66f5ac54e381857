import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { all, deleteSamples, viewsOf } from '../support/corrections.js';
import { eventually } from '../support/eventually.js';
import { createToken, getJson, type Item, push, scrape, type TestServer, valueOn } from '../support/server.js';
import { storeUnderTest } from '../support/service-under-test.js';

const IN_LOG = { COMPACTION_HORIZON_SECONDS: '3600', COMPACTION_INTERVAL_SECONDS: '3600' };
const IN_BLOCKS = { COMPACTION_HORIZON_SECONDS: '1', COMPACTION_INTERVAL_SECONDS: '1', CHUNK_PERIOD: '10s' };
const MINUTE = 60_000;
/** Ten minutes ago. Samples in the first minute after it are wrong. */
const BASE = Math.floor(Date.now() / MINUTE) * MINUTE - 10 * MINUTE;
const WRONG = `from=${BASE}&to=${BASE + MINUTE}`;

describe('deleting the samples of a range', () => {
  const store = storeUnderTest('each');
  let server: TestServer;

  const pushAll = async (items: readonly Item[], headers: Record<string, string> = {}) => {
    const response = await push(server, items, headers);
    expect([response.status, await response.text()]).toEqual([202, '']);
    return response;
  };
  const item = (name: string, value: number, seconds: number, more: Item = {}): Item => ({
    name,
    value,
    timestamp: BASE + seconds * 1000,
    ...more,
  });
  const count = async (table: string) =>
    Number((await store.client.query<{ n: string }>(`SELECT count(*) AS n FROM ${table}`)).rows[0]!.n);
  const compacted = () => eventually(async () => expect(await count('sample_batch')).toBe(0));
  const views = (metric: string, kind: 'sum' | 'newest' = 'sum') => viewsOf(server, store.client, metric, kind);

  /** Samples before, in and after the wrong minute. */
  const ORDERS = [
    item('orders_total', 0.1, -30),
    item('orders_total', 0.7, -20),
    item('orders_total', 1e6 + 0.3, 0),
    item('orders_total', 1 / 3, 59.999),
    item('orders_total', 0.2, 60),
    item('orders_total', 0.4, 90),
  ];
  const RIGHT_SUM = 0.1 + 0.7 + 0.2 + 0.4;
  const levels = (name: string) => [item(name, 3, -10), item(name, 99, 10)];

  async function expectCorrected(blocks: number): Promise<void> {
    await pushAll([item('others_total', 5, 10), item('level', 7, 10)]);
    const dry = await deleteSamples(server, 'orders_total', `${WRONG}&dryRun=true`);
    const amount = { metric: 'orders_total', seriesCount: 1, sampleCount: 2, fallingCounterCount: 1 };
    expect([dry.status, dry.body]).toEqual([200, expect.objectContaining({ ...amount, dryRun: true })]);
    expect((await views('orders_total')).page).toBeGreaterThan(1e6);
    const { status, body } = await deleteSamples(server, 'orders_total', WRONG);
    expect([status, body]).toEqual([200, expect.objectContaining({ ...amount, dryRun: false })]);
    expect(body.note).toContain('The value of 1 counter steps back once on /metrics.');
    expect([body.blockCount, dry.body.blockCount]).toEqual([blocks, blocks]);
    expect(await views('orders_total')).toEqual(all(RIGHT_SUM));
    expect(await views('others_total')).toEqual(all(5));
    // A second deletion finds nothing, and leaves no record.
    expect((await deleteSamples(server, 'orders_total', WRONG)).body).toMatchObject({ sampleCount: 0, note: null });
    expect(await count('correction')).toBe(1);
    // A restart reads everything again.
    expect(await server.stop()).toBe(0);
    server = await store.start(IN_BLOCKS);
    expect(await views('orders_total')).toEqual(all(RIGHT_SUM));
    await pushAll([item('orders_total', 0.5, 120)]);
    await compacted();
    expect(await views('orders_total')).toEqual(all(RIGHT_SUM + 0.5));
  }

  test('that are only in the log', async () => {
    server = await store.start(IN_LOG);
    await pushAll(ORDERS);
    await expectCorrected(0);
  });

  test('that are only in blocks', async () => {
    server = await store.start(IN_BLOCKS);
    await pushAll(ORDERS);
    await compacted();
    await expectCorrected(2);
  });

  test('that are in blocks and in the log', async () => {
    server = await store.start(IN_BLOCKS);
    await pushAll(ORDERS.slice(0, 3));
    await compacted();
    expect(await server.stop()).toBe(0);
    server = await store.start(IN_LOG);
    await pushAll(ORDERS.slice(3));
    await expectCorrected(1);
  });

  test('that are in chunks of an older version', async () => {
    await store.client.query('INSERT INTO sample_writer (id, alive_at) VALUES (1000, now())');
    server = await store.start({ ...IN_BLOCKS, CHUNK_PERIOD: '1h' });
    await pushAll(ORDERS);
    await compacted();
    expect([await count('sample_chunk'), await count('sample_block')]).toEqual([expect.any(Number), 0]);
    // A process that does not follow corrections would go on to show the samples.
    const refused = await deleteSamples(server, 'orders_total', WRONG);
    expect([refused.status, refused.body.message]).toEqual([503, expect.stringContaining('of an older version')]);
    await store.client.query(`UPDATE sample_writer SET alive_at = now() - interval '10 minutes' WHERE id = 1000`);
    expect((await deleteSamples(server, 'orders_total', WRONG)).body).toMatchObject({ sampleCount: 2 });
    expect(await views('orders_total')).toEqual(all(RIGHT_SUM));
  });

  test.each([
    ['in the log', IN_LOG],
    ['in blocks', IN_BLOCKS],
  ])('%s: a gauge shows the newest sample that is left, and nothing when none is left', async (_, settings) => {
    server = await store.start(settings);
    await pushAll([...levels('level'), item('gone', 4, 20)]);
    if (settings === IN_BLOCKS) await compacted();
    expect(await views('level', 'newest')).toEqual(all(99));
    expect((await deleteSamples(server, 'level', WRONG)).body).toMatchObject({ fallingCounterCount: 0, note: null });
    expect((await deleteSamples(server, 'gone', WRONG)).body.sampleCount).toBe(1);
    expect(await views('level', 'newest')).toEqual(all(3));
    expect(await views('gone', 'newest')).toEqual(all(undefined));
    // A sample of the same time as the one that is left arrives later, so it counts as newer.
    await pushAll([item('level', 8, -10), item('gone', 6, -10)]);
    if (settings === IN_BLOCKS) await compacted();
    expect(
      [await views('level', 'newest'), await views('gone', 'newest')].map(({ page, history }) => [page, history]),
    ).toEqual([
      [8, 8],
      [6, 6],
    ]);
  });

  test('cumulative, overflowed and huge counters show what is left', async () => {
    server = await store.start(IN_BLOCKS);
    const cumulative = { type: 'counter', temporality: 'cumulative' };
    await pushAll([
      item('runs', 10, -10, cumulative),
      item('runs', 1e9, 10, cumulative),
      item('bytes_total', 5.25, -10),
      item('bytes_total', 1e308, 10),
      item('bytes_total', 1.7e308, 11),
      item('huge_total', 300, -10),
      item('huge_total', 1e30, 10),
      item('once_total', 0.1, 5),
      item('once_total', 0.2, 6),
    ]);
    await compacted();
    expect((await views('bytes_total')).page).toBe(Infinity);
    expect((await deleteSamples(server, 'runs', WRONG)).body.fallingCounterCount).toBe(1);
    await deleteSamples(server, 'bytes_total', WRONG);
    await deleteSamples(server, 'huge_total', WRONG);
    await deleteSamples(server, 'once_total', WRONG);
    expect(await views('runs', 'newest')).toEqual(all(10));
    expect(await views('bytes_total')).toEqual(all(5.25));
    // Compared with what was removed, the rest is as small as a rounding error.
    expect(await views('huge_total')).toEqual(all(300));
    expect(await views('once_total')).toEqual(all(undefined));
  });

  test('leaves a value alone whose sample retention has dropped', async () => {
    server = await store.start(IN_BLOCKS);
    await pushAll(levels('level'));
    await compacted();
    await store.client.query('TRUNCATE sample_block_fresh, sample_block_waiting, sample_block_merged');
    const { body } = await deleteSamples(server, 'level', WRONG);
    expect([body.sampleCount, await count('correction')]).toEqual([0, 0]);
    const { rows } = await store.client.query('SELECT last_value FROM series');
    expect([valueOn(await scrape(server), 'level'), rows]).toEqual([99, [{ last_value: 99 }]]);
  });

  test('succeeds although the live values can not be reloaded at once', async () => {
    server = await store.start(IN_BLOCKS);
    await pushAll(ORDERS);
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

  test('only of the series that match the labels, and of all counters of a histogram', async () => {
    server = await store.start(IN_BLOCKS);
    const labelled = (status: string, value: number) => item('http_total', value, 10, { labels: { status } });
    await pushAll([labelled('200', 1), labelled('500', 2), labelled('503', 4)]);
    await compacted();
    expect(
      (await deleteSamples(server, 'http_total', `${WRONG}&label=status=500&label=status=503`)).body,
    ).toMatchObject({ seriesCount: 2, sampleCount: 2, blockCount: 1, fallingCounterCount: 2 });
    const page = await scrape(server);
    expect(['200', '500', '503'].map((status) => valueOn(page, `http_total{status="${status}"}`))).toEqual([
      1,
      undefined,
      undefined,
    ]);
    expect((await getJson<object>(server, '/api/admin/corrections?limit=1')) as unknown).toEqual({
      corrections: [
        {
          id: 1,
          at: expect.any(String) as string,
          token: expect.any(String) as string,
          metric: 'http_total',
          labels: ['status=500', 'status=503'],
          from: new Date(BASE).toISOString(),
          to: new Date(BASE + MINUTE).toISOString(),
          seriesCount: 2,
          sampleCount: 2,
          blockCount: 1,
        },
      ],
    });
  });

  test('late samples of the range stay afterwards, and a replay of a deleted request stores nothing', async () => {
    server = await store.start(IN_LOG);
    const headers = { 'Idempotency-Key': 'wrong-1' };
    await pushAll([item('orders_total', 7, 10)], headers);
    await pushAll([item('orders_total', 1, -10)]);
    await deleteSamples(server, 'orders_total', WRONG);
    // The row is empty now, and still says that it was committed.
    const { rows } = await store.client.query<{ state: string }>(
      `SELECT concat_ws(' ', cardinality(series_ids), cardinality(timestamps)) AS state FROM sample_batch ORDER BY sequence`,
    );
    expect(rows.map(({ state }) => state)).toEqual(['0 0', '1 1']);
    const replay = await pushAll([item('orders_total', 7, 10)], headers);
    expect(replay.headers.get('idempotency-replayed')).toBe('true');
    expect(await views('orders_total')).toEqual(all(1));
    await pushAll([item('orders_total', 0.25, 10)]);
    expect(await views('orders_total')).toEqual(all(1.25));
    expect(await server.stop()).toBe(0);
    server = await store.start(IN_BLOCKS);
    await compacted();
    expect(await views('orders_total')).toEqual(all(1.25));
  });

  test('a process that is killed in the middle leaves everything as it was', async () => {
    server = await store.start(IN_BLOCKS);
    await pushAll(ORDERS);
    await compacted();
    const before = await views('orders_total');
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
    expect(await views('orders_total')).toEqual(before);
    expect([await count('correction'), (await deleteSamples(server, 'orders_total', WRONG)).body.sampleCount]).toEqual([
      0, 2,
    ]);
    expect(await views('orders_total')).toEqual(all(RIGHT_SUM));
  });

  test('three processes under load agree, and each counter steps back exactly once', async () => {
    const servers = await Promise.all([1, 2, 3].map(() => store.start(IN_BLOCKS)));
    server = servers[0]!;
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
    await pushAll([item('busy_total', 1e6, 10), item('busy_total', 2e6, 20)]);
    await sleep(2_500);
    await Promise.all(
      servers.map((each) =>
        eventually(async () => expect(valueOn(await scrape(each), 'busy_total')).toBeGreaterThan(3e6)),
      ),
    );
    const { status, body } = await deleteSamples(servers[1]!, 'busy_total', WRONG);
    expect([status, body.sampleCount]).toEqual([200, 2]);
    // The process that answers shows the corrected value at once, and the others within their poll.
    expect(valueOn(await scrape(servers[1]!), 'busy_total')).toBeLessThan(1e6);
    await sleep(3_000);
    isOver = true;
    await Promise.all([...load, ...watchers]);
    expect(falls).toEqual([1, 1, 1]);
    await eventually(async () => {
      for (const each of servers) {
        const found = await viewsOf(each, store.client, 'busy_total', 'sum');
        expect(found).toEqual(all(found.page));
        expect(found.page).toBeCloseTo(pushed * 0.1, 6);
      }
    });
    const pages = await Promise.all(servers.map((each) => scrape(each)));
    expect(new Set(pages.map((page) => valueOn(page, 'busy_total'))).size).toBe(1);
  });

  test('refuses what it can not do, and deletes nothing then', async () => {
    server = await store.start({ ...IN_BLOCKS, CORRECTION_MAX_BLOCKS: '1' });
    await pushAll(ORDERS);
    await compacted();
    const refusals = [
      ['orders_total', 'from=-1h&to=now', 400, 'CORRECTION_MAX_BLOCKS'],
      ['orders_total', `to=${BASE}`, 400, 'invalid'],
      ['orders_total', `${WRONG}&dryrun=true`, 400, 'invalid'],
      ['orders_total', `${WRONG}&dryRun=1`, 400, 'invalid'],
      ['orders_total', `${WRONG}&label=x`, 400, 'invalid'],
      ['orders_total', 'from=now&to=-1h', 400, 'invalid'],
      ['orders_total', 'from=tomorrow&to=now', 400, 'invalid'],
      ['order_total', WRONG, 404, 'orders_total'],
    ] as const;
    for (const [metric, query, status, text] of refusals) {
      const refused = await deleteSamples(server, metric, query);
      expect([refused.status, refused.body.message]).toEqual([status, expect.stringContaining(text)]);
    }
    const token = await createToken(server, { scopes: ['read'] });
    expect((await deleteSamples(server, 'orders_total', WRONG, token)).status).toBe(403);
    expect([await count('correction'), (await views('orders_total')).page]).toEqual([0, expect.any(Number)]);
    expect(await count('metric_sample')).toBe(ORDERS.length);
  });
});
