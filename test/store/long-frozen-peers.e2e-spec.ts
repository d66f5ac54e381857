import { setTimeout as sleep } from 'node:timers/promises';
import { eventually } from '../support/eventually.js';
import { push, scrape, type TestServer, valueOn } from '../support/server.js';
import { storeUnderTest } from '../support/service-under-test.js';

const FROZEN_MS = 20_000;

/** The number of clients that push while the peer is frozen. */
const PUSHERS = 4;

/** Items of one push. Together, the pushes are more than the frozen process can read in one poll. */
const ITEMS = 200;

/** Rows of the log that are much more than one page together. */
const LARGE_ROWS = 40;
const SAMPLES_OF_LARGE_ROW = 100_000;

describe('a process that was frozen for long while others were pushed to', () => {
  const store = storeUnderTest('all');
  let pushed: TestServer;
  let frozen: TestServer;

  beforeAll(async () => {
    // What fails once is logged at debug. Without compaction, the log keeps everything that the frozen process has missed.
    const settings = { LOG_LEVEL: 'debug', COMPACTION_INTERVAL_SECONDS: '3600' };
    [pushed, frozen] = await Promise.all([store.start(settings), store.start(settings)]);
  });

  afterAll(() => frozen?.process.kill('SIGCONT'));

  const total = async (server: TestServer) => valueOn(await scrape(server), 'frozen_total{item="0"}');

  it('says that it lags, and catches up without a statement time-out', async () => {
    const items = Array.from({ length: ITEMS }, (_, item) => ({
      name: 'frozen_total',
      value: 1,
      labels: { item: String(item) },
    }));
    let pushes = 0;
    const pushOne = async () => {
      expect((await push(pushed, items)).status).toBe(202);
      pushes++;
    };
    await pushOne();
    await eventually(async () => expect(await total(frozen)).toBe(1));
    const readBefore = frozen.output().length;
    frozen.process.kill('SIGSTOP');
    try {
      const until = performance.now() + FROZEN_MS;
      const pushing = Array.from({ length: PUSHERS }, async () => {
        while (performance.now() < until) {
          await pushOne();
          await sleep(5);
        }
      });
      await Promise.all(pushing);
    } finally {
      frozen.process.kill('SIGCONT');
    }
    expect(pushes).toBeGreaterThan(500);
    await eventually(async () => expect(await total(frozen)).toBe(pushes));
    await eventually(() => expect(frozen.output()).toContain('are up to date again'));
    const log = frozen.output().slice(readBefore);
    expect(log).toMatch(/were last read \d+ s ago/);
    expect(log).not.toMatch(/statement timeout|57014/);
    expect((await fetch(`${frozen.url}/health/ready`)).status).toBe(200);
  });

  it('reads in parts what is too much for one page', async () => {
    expect((await push(pushed, [{ name: 'large_total', value: 0 }])).status).toBe(202);
    await eventually(async () => expect(valueOn(await scrape(frozen), 'large_total')).toBe(0));
    const readBefore = frozen.output().length;
    frozen.process.kill('SIGSTOP');
    try {
      // Another process has written these rows. Their values can't be compressed.
      await store.client.query(
        `WITH writer AS (
           INSERT INTO sample_writer (alive_at, reads_blocks, follows_corrections, follows_renames)
           VALUES (now(), true, true, true) RETURNING id
         )
         INSERT INTO sample_batch (writer_id, sequence, series_ids, "values")
         SELECT writer.id, sequence, array_fill(series.id, ARRAY[$2::int]),
           ARRAY(SELECT random() FROM generate_series(1, $2::int) WHERE sequence > 0)
         FROM writer, generate_series(1, $1::int) AS sequence,
           series JOIN metric ON metric.id = metric_id AND metric.name = 'large_total'`,
        [LARGE_ROWS, SAMPLES_OF_LARGE_ROW],
      );
    } finally {
      frozen.process.kill('SIGCONT');
    }
    const { rows } = await store.client.query<{ total: number }>(
      `SELECT sum(value) AS total FROM sample_batch, unnest("values") AS value WHERE cardinality("values") = $1`,
      [SAMPLES_OF_LARGE_ROW],
    );
    const seen = new Set<number>();
    await eventually(
      async () => {
        const page = await (await fetch(frozen.metricsUrl)).text();
        const total = valueOn(page, 'large_total')!;
        seen.add(total);
        expect(total).toBeCloseTo(rows[0]!.total, 0);
      },
      { intervalMs: 5 },
    );
    // If everything were read at once, no value but the first and the last one could be seen.
    expect(seen.size).toBeGreaterThan(2);
    expect(frozen.output().slice(readBefore)).not.toMatch(/statement timeout|57014|Query read timeout/);
  });
});
