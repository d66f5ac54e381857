import { eventually } from '../support/eventually.js';
import { storeUnderTest } from '../support/service-under-test.js';
import { getJson, type Item, push, scrape, type TestServer, valueOn } from '../support/server.js';

const COMPACTING = { COMPACTION_HORIZON_SECONDS: '1', COMPACTION_INTERVAL_SECONDS: '1', CHUNK_PERIOD: '10s' };
const HOUR = 3_600_000;

describe('the archive', () => {
  const store = storeUnderTest('each');
  let server: TestServer | undefined;

  const count = async (from: string) =>
    Number((await store.client.query<{ n: string }>(`SELECT count(*) AS n FROM ${from}`)).rows[0]!.n);

  const waitForCompaction = () => eventually(async () => expect(await count('sample_batch')).toBe(0));

  async function take(items: readonly Item[]): Promise<void> {
    const response = await push(server!, items);
    expect([response.status, await response.text()]).toEqual([202, '']);
  }

  /** Returns what the SQL view, the history API and the exposition show of a metric. */
  async function everyAnswer(metric: string) {
    const { rows } = await store.client.query<{ at: Date; value: number }>(
      'SELECT at, value FROM metric_sample WHERE metric = $1 ORDER BY at, value',
      [metric],
    );
    const { samples } = await getJson<{ samples: { at: string; value: number }[] }>(
      server!,
      `/api/history/samples?metric=${metric}&from=-7d&limit=10000`,
    );
    return {
      view: rows.map(({ at, value }) => [at.getTime(), value]),
      history: samples
        .map(({ at, value }) => [Date.parse(at), value])
        .toSorted((a, b) => a[0]! - b[0]! || a[1]! - b[1]!),
      page: valueOn(await scrape(server!), metric),
    };
  }

  test('moves rows out of the log, and every answer stays the same, even after a restart', async () => {
    server = await store.start({ ...COMPACTING, COMPACTION_HORIZON_SECONDS: '3' });
    const now = Date.now();
    for (let round = 0; round < 5; round++) {
      await take([
        { name: 'a_total', value: 0.1 },
        { name: 'a_total', value: 1e9 },
        { name: 'level', value: round, timestamp: now - 3 * HOUR + round },
        { name: 'level', value: 10 + round, timestamp: now - round * HOUR },
        { name: 'sent_total', value: 100 + round, temporality: 'cumulative' },
      ]);
    }
    const before = await Promise.all(['a_total', 'level', 'sent_total'].map(everyAnswer));
    expect(before.map(({ view }) => view.length)).toEqual([10, 10, 5]);
    expect(before.map(({ page }) => page)).toEqual([5_000_000_000.5, 10, 104]);
    for (const { view, history } of before) expect(history).toEqual(view);
    await waitForCompaction();
    expect(await Promise.all(['a_total', 'level', 'sent_total'].map(everyAnswer))).toEqual(before);
    expect(await server.stop()).toBe(0);
    server = await store.start({ ...COMPACTING });
    expect(await Promise.all(['a_total', 'level', 'sent_total'].map(everyAnswer))).toEqual(before);
  });

  test('merges the blocks of a closed period into one for each bucket, with late samples', async () => {
    server = await store.start({ ...COMPACTING });
    const at = Math.floor((Date.now() - 2 * HOUR) / 10_000) * 10_000;
    for (let round = 0; round < 3; round++) {
      await take(
        Array.from({ length: 50 }, (_, series) => ({
          name: 'merged_total',
          value: 1,
          labels: { series: String(series) },
          // The times are in no order, and some are equal.
          timestamp: at + ((series * 7 + round * 3) % 10) * 500,
        })),
      );
      await waitForCompaction();
    }
    const view = () =>
      store.client
        .query('SELECT labels, at, value FROM metric_sample ORDER BY labels, at, value')
        .then(({ rows }) => rows);
    const before = await view();
    expect(before.length).toBe(150);
    await eventually(async () => expect(await count('sample_block_fresh')).toBe(0));
    // In the first hours of a day, these blocks are of the day before, and are merged a second time.
    await eventually(async () => expect(await count('sample_block')).toBe(1));
    expect(await view()).toEqual(before);
    await take([{ name: 'merged_total', value: 5, labels: { series: '0' }, timestamp: at + 1 }]);
    await waitForCompaction();
    await eventually(async () => expect(await count('sample_block_fresh')).toBe(0));
    await eventually(async () => expect(await count('sample_block')).toBe(1));
    const { rows } = await store.client.query<{ sum: number; sample_count: number }>(
      `SELECT (SELECT sum(delta) FROM unnest(delta_sums) AS delta) AS sum, sample_count FROM sample_block`,
    );
    expect(rows).toEqual([{ sum: 155, sample_count: 151 }]);
    // The partition of the period is empty, and is dropped.
    await eventually(async () => {
      const { rows: partitions } = await store.client.query<{ relname: string }>(
        `SELECT relname FROM pg_class WHERE relname LIKE 'sample_block_fresh_' || $1 || '%' AND relkind = 'r'`,
        [new Date(at).toISOString().slice(0, 19).replaceAll(/[-:]/g, '').toLowerCase()],
      );
      expect(partitions).toEqual([]);
    });
  });

  test('returns the total of a counter before a range, whichever samples were late', async () => {
    server = await store.start({ ...COMPACTING });
    const start = Math.floor((Date.now() - 5 * HOUR) / 60_000) * 60_000;
    const deltas = new Map<number, number>();
    const add = async (minutes: readonly number[]) => {
      for (const minute of minutes) deltas.set(minute, minute + 0.1);
      await take(
        minutes.map((minute) => ({ name: 'late_total', value: minute + 0.1, timestamp: start + minute * 60_000 + 7 })),
      );
      await waitForCompaction();
    };
    await add([100, 110, 120, 250]);
    await add([50, 105, 111, 200]);
    await add([0, 101, 299]);
    // This sample is still in the log.
    deltas.set(150, 2.5);
    await take([{ name: 'late_total', value: 2.5, timestamp: start + 150 * 60_000 }]);
    for (const minute of [0, 1, 50, 51, 100, 101, 102, 105, 106, 111, 112, 151, 260]) {
      const { series } = await getJson<{ series: { points: { value: number | null }[] }[] }>(
        server,
        `/api/history/query?metric=late_total&aggregate=last&step=1m` +
          `&from=${start + minute * 60_000}&to=${start + (minute + 1) * 60_000}`,
      );
      const older = [...deltas].filter(([at]) => at <= minute).map(([, value]) => value);
      const expected = older.length === 0 ? null : older.reduce((a, b) => a + b);
      const { value } = series[0]!.points[0]!;
      if (expected === null) expect(value).toBeNull();
      else expect(value).toBeCloseTo(expected, 9);
    }
  });

  test('drops partitions past retention, and the total keeps what they held', async () => {
    server = await store.start({ ...COMPACTING, RETENTION_DAYS: '3' });
    await take([
      // The whole day of the sample must have ended at least a day ago.
      { name: 'kept_total', value: 5, timestamp: Date.now() - 49 * HOUR },
      { name: 'kept_total', value: 1 },
    ]);
    await waitForCompaction();
    await server.stop();
    server = await store.start({ ...COMPACTING, RETENTION_DAYS: '1' });
    await eventually(async () => expect(await count('sample_block')).toBe(1));
    expect(valueOn(await scrape(server), 'kept_total')).toBe(6);
    const { series } = await getJson<{ series: { points: { value: number | null }[] }[] }>(
      server,
      '/api/history/query?metric=kept_total&aggregate=last&step=1m&from=-2m',
    );
    expect(series[0]!.points.at(-1)!.value).toBe(6);
  });
});
