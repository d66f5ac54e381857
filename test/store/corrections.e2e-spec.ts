import {
  all,
  correctionsOf,
  type CorrectionSteps,
  deleteSamples,
  IN_BLOCKS,
  IN_LOG,
  item,
  orders,
  RIGHT_SUM,
  WRONG,
  WRONG_FROM,
  WRONG_TO,
} from '../support/corrections.js';
import { createToken, getJson, scrape, type TestServer, valueOn } from '../support/server.js';
import { storeUnderTest } from '../support/service-under-test.js';

/** Blocks are merged only once, so that their number does not depend on whether a day has just ended. */
const IN_COUNTED_BLOCKS = { ...IN_BLOCKS, SLOW_SERIES_PERIOD: '10s' };

const levels = (name: string) => [item(name, 3, -10), item(name, 99, 10)];

describe('deleting the samples of a range', () => {
  const store = storeUnderTest('all');
  const { pushAll, count, compacted, views } = correctionsOf(store);
  let server: TestServer;

  async function expectCorrected(metric: string, blocks: number): Promise<void> {
    const others = `others_of_${metric}`;
    await pushAll(server, [item(others, 5, 10), item(`level_of_${metric}`, 7, 10)]);
    const dry = await deleteSamples(server, metric, `${WRONG}&dryRun=true`);
    const amount = { metric, seriesCount: 1, sampleCount: 2, fallingCounterCount: 1 };
    expect([dry.status, dry.body]).toEqual([200, expect.objectContaining({ ...amount, dryRun: true })]);
    expect((await views(server, metric)).page).toBeGreaterThan(1e6);
    const { status, body } = await deleteSamples(server, metric, WRONG);
    expect([status, body]).toEqual([200, expect.objectContaining({ ...amount, dryRun: false })]);
    expect(body.note).toContain('The value of 1 counter steps back once on /metrics.');
    expect([metric, body.blockCount, dry.body.blockCount]).toEqual([metric, blocks, blocks]);
    expect(await views(server, metric)).toEqual(all(RIGHT_SUM));
    expect(await views(server, others)).toEqual(all(5));
    // A second deletion finds nothing, and leaves no record.
    expect((await deleteSamples(server, metric, WRONG)).body).toMatchObject({ sampleCount: 0, note: null });
    expect(await count(`correction WHERE metric = '${metric}'`)).toBe(1);
  }

  test('that are only in the log, only in blocks, or in both', async () => {
    server = await store.start(IN_COUNTED_BLOCKS);
    await pushAll(server, [...orders('in_blocks_total'), ...orders('in_both_total').slice(0, 3)]);
    await compacted();
    expect(await server.stop()).toBe(0);
    server = await store.start(IN_LOG);
    await pushAll(server, [...orders('in_log_total'), ...orders('in_both_total').slice(3)]);
    await expectCorrected('in_log_total', 0);
    await expectCorrected('in_blocks_total', 2);
    await expectCorrected('in_both_total', 1);
    // A restart reads everything again.
    expect(await server.stop()).toBe(0);
    server = await store.start(IN_COUNTED_BLOCKS);
    const metrics = ['in_log_total', 'in_blocks_total', 'in_both_total'];
    for (const metric of metrics) expect([metric, await views(server, metric)]).toEqual([metric, all(RIGHT_SUM)]);
    await pushAll(
      server,
      metrics.map((metric) => item(metric, 0.5, 120)),
    );
    await compacted();
    for (const metric of metrics) expect([metric, await views(server, metric)]).toEqual([metric, all(RIGHT_SUM + 0.5)]);
  });
});

describe('deleting the samples of a range from chunks', () => {
  const store = storeUnderTest('all');
  const { pushAll, count, compacted, views } = correctionsOf(store);

  test('waits until no process of an older version is alive', async () => {
    await store.client.query('INSERT INTO sample_writer (id, alive_at) VALUES (1000, now())');
    const server = await store.start({ ...IN_BLOCKS, CHUNK_PERIOD: '1h' });
    await pushAll(server, orders('orders_total'));
    await compacted();
    expect([await count('sample_chunk'), await count('sample_block')]).toEqual([expect.any(Number), 0]);
    // A process that does not follow corrections would go on to show the samples.
    const refused = await deleteSamples(server, 'orders_total', WRONG);
    expect([refused.status, refused.body.message]).toEqual([503, expect.stringContaining('of an older version')]);
    await store.client.query(`UPDATE sample_writer SET alive_at = now() - interval '10 minutes' WHERE id = 1000`);
    expect((await deleteSamples(server, 'orders_total', WRONG)).body).toMatchObject({ sampleCount: 2 });
    expect(await views(server, 'orders_total')).toEqual(all(RIGHT_SUM));
  });
});

/** Expects that a gauge shows the newest sample that is left, and nothing when none is left. */
async function expectNewestLeft(
  { pushAll, views }: CorrectionSteps,
  server: TestServer,
  settled: () => Promise<void>,
): Promise<void> {
  await pushAll(server, [...levels('level'), item('gone', 4, 20)]);
  await settled();
  expect(await views(server, 'level', 'newest')).toEqual(all(99));
  expect((await deleteSamples(server, 'level', WRONG)).body).toMatchObject({ fallingCounterCount: 0, note: null });
  expect((await deleteSamples(server, 'gone', WRONG)).body.sampleCount).toBe(1);
  expect(await views(server, 'level', 'newest')).toEqual(all(3));
  expect(await views(server, 'gone', 'newest')).toEqual(all(undefined));
  // A sample of the same time as the one that is left arrives later, so it counts as newer.
  await pushAll(server, [item('level', 8, -10), item('gone', 6, -10)]);
  await settled();
  expect(
    [await views(server, 'level', 'newest'), await views(server, 'gone', 'newest')].map(({ page, history }) => [
      page,
      history,
    ]),
  ).toEqual([
    [8, 8],
    [6, 6],
  ]);
}

describe('deleting the samples of a range from the log', () => {
  const store = storeUnderTest('all');
  const steps = correctionsOf(store);
  const { pushAll, compacted, views } = steps;
  let server: TestServer;

  beforeAll(async () => {
    server = await store.start(IN_LOG);
  });

  test('leaves gauges at the newest sample that is left', async () => {
    await expectNewestLeft(steps, server, () => Promise.resolve());
  });

  test('late samples of the range stay afterwards, and a replay of a deleted request stores nothing', async () => {
    const { rows: latest } = await store.client.query<{ sequence: string }>(
      'SELECT max(sequence) AS sequence FROM sample_batch',
    );
    const headers = { 'Idempotency-Key': 'wrong-1' };
    await pushAll(server, [item('orders_total', 7, 10)], headers);
    await pushAll(server, [item('orders_total', 1, -10)]);
    await deleteSamples(server, 'orders_total', WRONG);
    // The row is empty now, and still says that it was committed.
    const { rows } = await store.client.query<{ state: string }>(
      `SELECT concat_ws(' ', cardinality(series_ids), cardinality(timestamps)) AS state FROM sample_batch
       WHERE sequence > coalesce($1::bigint, 0) ORDER BY sequence`,
      [latest[0]!.sequence],
    );
    expect(rows.map(({ state }) => state)).toEqual(['0 0', '1 1']);
    const replay = await pushAll(server, [item('orders_total', 7, 10)], headers);
    expect(replay.headers.get('idempotency-replayed')).toBe('true');
    expect(await views(server, 'orders_total')).toEqual(all(1));
    await pushAll(server, [item('orders_total', 0.25, 10)]);
    expect(await views(server, 'orders_total')).toEqual(all(1.25));
    expect(await server.stop()).toBe(0);
    server = await store.start(IN_COUNTED_BLOCKS);
    await compacted();
    expect(await views(server, 'orders_total')).toEqual(all(1.25));
  });
});

describe('deleting the samples of a range from blocks', () => {
  const store = storeUnderTest('all');
  const steps = correctionsOf(store);
  const { pushAll, count, compacted, views } = steps;
  let server: TestServer;

  beforeAll(async () => {
    server = await store.start({ ...IN_COUNTED_BLOCKS, CORRECTION_MAX_BLOCKS: '2' });
  });

  test('leaves gauges at the newest sample that is left', async () => {
    await expectNewestLeft(steps, server, compacted);
  });

  test('leaves cumulative, overflowed and huge counters at what is left', async () => {
    const cumulative = { type: 'counter', temporality: 'cumulative' };
    await pushAll(server, [
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
    expect((await views(server, 'bytes_total')).page).toBe(Infinity);
    expect((await deleteSamples(server, 'runs', WRONG)).body.fallingCounterCount).toBe(1);
    await deleteSamples(server, 'bytes_total', WRONG);
    await deleteSamples(server, 'huge_total', WRONG);
    await deleteSamples(server, 'once_total', WRONG);
    expect(await views(server, 'runs', 'newest')).toEqual(all(10));
    expect(await views(server, 'bytes_total')).toEqual(all(5.25));
    // Compared with what was removed, the rest is as small as a rounding error.
    expect(await views(server, 'huge_total')).toEqual(all(300));
    expect(await views(server, 'once_total')).toEqual(all(undefined));
  });

  test('deletes only from the series that match the labels, and from all counters of a histogram', async () => {
    const labelled = (status: string, value: number) => item('http_total', value, 10, { labels: { status } });
    await pushAll(server, [labelled('200', 1), labelled('500', 2), labelled('503', 4)]);
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
    const { rows: newest } = await store.client.query<{ id: number }>('SELECT max(id)::int AS id FROM correction');
    expect((await getJson<object>(server, '/api/admin/corrections?limit=1')) as unknown).toEqual({
      corrections: [
        {
          id: newest[0]!.id,
          at: expect.any(String) as string,
          token: expect.any(String) as string,
          metric: 'http_total',
          labels: ['status=500', 'status=503'],
          from: new Date(WRONG_FROM).toISOString(),
          to: new Date(WRONG_TO).toISOString(),
          seriesCount: 2,
          sampleCount: 2,
          blockCount: 1,
        },
      ],
    });
  });

  test('refuses what it can not do, and deletes nothing then', async () => {
    const [others, corrections] = [await count('metric_sample'), await count('correction')];
    const samples = orders('orders_total');
    await pushAll(server, samples);
    await compacted();
    const refusals = [
      ['orders_total', 'from=-1h&to=now', 400, 'CORRECTION_MAX_BLOCKS'],
      ['orders_total', `to=${WRONG_FROM}`, 400, 'invalid'],
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
    expect([await count('correction'), (await views(server, 'orders_total')).page]).toEqual([
      corrections,
      expect.any(Number),
    ]);
    expect(await count('metric_sample')).toBe(others + samples.length);
  });

  test('leaves a value alone whose sample retention has dropped', async () => {
    const corrections = await count('correction');
    await pushAll(server, levels('dropped'));
    await compacted();
    await store.client.query('TRUNCATE sample_block_fresh, sample_block_waiting, sample_block_merged');
    const { body } = await deleteSamples(server, 'dropped', WRONG);
    expect([body.sampleCount, await count('correction')]).toEqual([0, corrections]);
    const { rows } = await store.client.query(
      `SELECT last_value FROM series JOIN metric ON metric.id = metric_id WHERE name = 'dropped'`,
    );
    expect([valueOn(await scrape(server), 'dropped'), rows]).toEqual([99, [{ last_value: 99 }]]);
  });
});
