import { Metric, Series } from '../../src/catalog/series/series.js';
import { CHUNK_SETS } from '../../src/sample-store/archive/chunk/chunk-partitions.js';
import { ArchiveWork } from '../support/archive-work.js';
import { REFUSED, refuseRows } from '../support/refused-rows.js';
import { SeededRandom } from '../support/seeded-random.js';
import { storeUnderTest } from '../support/service-under-test.js';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const START = Math.floor((Date.now() - 5 * DAY) / DAY) * DAY;

describe('chunks', () => {
  const store = storeUnderTest('each');
  const metrics = [
    new Metric(1, 'level', 'gauge', new Date(START), null, null, null),
    new Metric(2, 'added_total', 'counter', new Date(START), 'delta', null, null),
  ];
  // These series are in three buckets.
  const series = Array.from({ length: 12 }, (_, index) => {
    const metric = metrics[index % 2]!;
    return new Series(58 + index * 8, index, metric, `n="${index}"`, metric.temporality, null, new Date(START));
  });
  let work: ArchiveWork;
  let pushed: { readonly id: number; readonly at: number; readonly value: number }[];
  let sequence: number;

  beforeEach(async () => {
    pushed = [];
    sequence = 0;
    for (const { id, name, type, temporality } of metrics) {
      await store.client.query('INSERT INTO metric (id, name, type, temporality) VALUES ($1, $2, $3, $4)', [
        id,
        name,
        type,
        temporality,
      ]);
    }
    for (const { id, metric } of series) {
      await store.client.query('INSERT INTO series (id, metric_id, identity, labels) VALUES ($1, $2, $3, $4)', [
        id,
        metric.id,
        Buffer.from(String(id)),
        {},
      ]);
    }
    // As long as this process is alive, the compaction writes chunks.
    await store.client.query('INSERT INTO sample_writer (id, alive_at) VALUES (1000, now())');
    work = await ArchiveWork.open(store.url);
  });

  afterEach(() => work.close());

  async function endOlderProcess(): Promise<void> {
    await store.client.query(`UPDATE sample_writer SET alive_at = now() - interval '10 minutes' WHERE id = 1000`);
    await work.beginBlocks();
  }

  async function push(random: SeededRandom): Promise<void> {
    const samples = Array.from({ length: 60 }, (_, index) => ({
      id: random.pick(series).id,
      // Many of these times are equal.
      at: START + random.integer(0, 1) * DAY + random.integer(0, 7) * 3 * HOUR,
      value: pushed.length + index,
    }));
    pushed.push(...samples);
    await store.client.query(
      `INSERT INTO sample_batch (writer_id, sequence, earliest_at, latest_at, series_ids, timestamps, "values")
       VALUES (1, $1, 'epoch', now(), $2, $3, $4)`,
      [++sequence, samples.map(({ id }) => id), samples.map(({ at }) => at), samples.map(({ value }) => value)],
    );
    await work.compact();
  }

  async function read() {
    const query = { series, from: START + 30, to: START + 3 * DAY, needsBefore: true, maxSamples: 100_000 };
    const found = await work.reader.read(query);
    return found.map(({ timestamps, values, before }) => ({
      timestamps: [...timestamps],
      values: [...values],
      before,
    }));
  }

  const count = async (from: string) =>
    Number((await store.client.query<{ n: string }>(`SELECT count(*) AS n FROM ${from}`)).rows[0]!.n);

  test('become one block for each bucket and partition, and are read the same as before', async () => {
    const random = new SeededRandom(3);
    for (let round = 0; round < 8; round++) await push(random);
    const sum = 'SELECT metric, sum(value), count(*)::int FROM metric_sample GROUP BY metric ORDER BY metric';
    const [before, sums] = [await read(), (await store.client.query(sum)).rows];
    expect(before.flatMap(({ values }) => values).length).toBeGreaterThan(300);
    await endOlderProcess();
    await work.repackAll();
    expect([await count('sample_chunk'), await count('sample_block'), await count('sample_block_merged')]).toEqual([
      0, 24, 24,
    ]);
    expect(await work.partitionsOf('sample_chunk_fresh')).toEqual([]);
    expect(await read()).toEqual(before);
    expect((await store.client.query(sum)).rows).toEqual(sums);
  });

  test('stay the older ones of samples with equal times, whenever they are repacked and blocks are merged', async () => {
    const random = new SeededRandom(4);
    for (let round = 0; round < 4; round++) await push(random);
    await endOlderProcess();
    for (let round = 0; round < 4; round++) await push(random);
    await work.mergeAll('sample_block_fresh');
    await push(random);
    await work.mergeAll('sample_block_fresh');
    await work.repackAll();
    await push(random);
    await work.mergeAll('sample_block_fresh');
    await work.mergeAll('sample_block_waiting');
    expect(await count('sample_block')).toBe(6);
    const found = await work.reader.read({ series, from: 0, to: START + 3 * DAY, maxSamples: 100_000 });
    for (const { series: each, timestamps, values } of found) {
      const expected = pushed.filter(({ id }) => id === each.id).toSorted((a, b) => a.at - b.at);
      expect([...timestamps]).toEqual(expected.map(({ at }) => at));
      expect([...values]).toEqual(expected.map(({ value }) => value));
    }
  });

  test('are left alone while a process is alive that reads only chunks', async () => {
    await push(new SeededRandom(5));
    const chunks = await count('sample_chunk');
    await work.repackAll();
    expect([await count('sample_chunk'), await count('sample_block')]).toEqual([chunks, 0]);
  });

  test('are dropped once if two processes find their partition', async () => {
    await push(new SeededRandom(7));
    expect(await work.partitionsOf(CHUNK_SETS.fresh)).not.toEqual([]);
    await endOlderProcess();
    await store.client.query('DELETE FROM sample_chunk');
    for (const set of Object.values(CHUNK_SETS)) {
      for (const partition of await work.partitionsOf(set)) {
        expect(await work.archive.dropPartition(partition, true)).toBe(true);
        expect(await work.archive.dropPartition(partition, true)).toBe(true);
      }
    }
  });

  test('are all there after a repacking that fails', async () => {
    await push(new SeededRandom(6));
    const before = await read();
    await endOlderProcess();
    const takeAgain = await refuseRows((sql) => store.client.query(sql), 'sample_block_merged');
    await expect(work.repackAll()).rejects.toThrow(REFUSED);
    expect(await read()).toEqual(before);
    await takeAgain();
    await Promise.all([work.repackAll(), work.repackAll()]);
    await work.repackAll();
    expect(await read()).toEqual(before);
    expect(await count('sample_chunk')).toBe(0);
  });
});
