import { Metric, Series } from '../../src/catalog/series/series.js';
import { ArchiveWork } from '../support/archive-work.js';
import { SeededRandom } from '../support/seeded-random.js';
import { storeUnderTest } from '../support/service-under-test.js';

/** Number of random histories. `SECOND_MERGE_RUNS=200 SECOND_MERGE_SEED=5` searches for rarer errors. */
const RUNS = Number(process.env.SECOND_MERGE_RUNS ?? 2);
const SEED = Number(process.env.SECOND_MERGE_SEED ?? 1);
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** The start of a day that is over. */
const START = Math.floor((Date.now() - 4 * DAY) / DAY) * DAY;

/** A sample as it was pushed. */
interface Pushed {
  readonly series: Series;
  readonly at: number;
  readonly value: number;
}

describe('blocks of slow series', () => {
  const store = storeUnderTest('each');
  let work: ArchiveWork;
  let pushed: Pushed[];
  let sequence: number;
  let series: Series[];

  beforeEach(async () => {
    work = await ArchiveWork.open(store.url);
    pushed = [];
    sequence = 0;
    const metrics = [
      new Metric(1, 'level', 'gauge', new Date(START), null, null, null),
      new Metric(2, 'added_total', 'counter', new Date(START), 'delta', null, null),
    ];
    // These series are in two buckets.
    series = Array.from({ length: 8 }, (_, index) => {
      const metric = metrics[index % 2]!;
      return new Series(60 + index, index, metric, `n="${index}"`, metric.temporality, null, new Date(START));
    });
    for (const { id, name, type, temporality } of metrics) {
      await store.client.query('INSERT INTO metric (id, name, type, temporality) VALUES ($1, $2, $3, $4)', [
        id,
        name,
        type,
        temporality,
      ]);
    }
    for (const { id, metric } of series) {
      await store.client.query(
        `INSERT INTO series (id, metric_id, identity, labels) VALUES ($1, $2, $3, jsonb_build_object('n', $1::int))`,
        [id, metric.id, Buffer.from(String(id))],
      );
    }
  });

  afterEach(() => work.close());

  async function push(samples: readonly Pushed[]): Promise<void> {
    pushed.push(...samples);
    await store.client.query(
      `INSERT INTO sample_batch (writer_id, sequence, earliest_at, latest_at, series_ids, timestamps, "values")
       VALUES (1, $1, 'epoch', now(), $2, $3, $4)`,
      [
        ++sequence,
        samples.map(({ series: { id } }) => id),
        samples.map(({ at }) => at),
        samples.map(({ value }) => value),
      ],
    );
  }

  const count = async (from: string) =>
    Number((await store.client.query<{ n: string }>(`SELECT count(*) AS n FROM ${from}`)).rows[0]!.n);

  /** Pushes a sample of each series for every hour of a day, and compacts each push on its own. */
  async function pushHourly(day = START): Promise<void> {
    for (let hour = 0; hour < 24; hour++) {
      await push(series.map((each) => ({ series: each, at: day + hour * HOUR + 7, value: hour + 0.5 })));
      await work.compact();
    }
  }

  /** Expects that every sample is stored once, and that samples of equal times are in the order in which they were pushed. */
  async function expectAll(): Promise<void> {
    const found = await work.reader.read({ series, from: 0, to: START + 100 * DAY, maxSamples: 1_000_000 });
    for (const { series: each, timestamps, values } of found) {
      const expected = pushed.filter((sample) => sample.series === each).toSorted((a, b) => a.at - b.at);
      expect([...timestamps]).toEqual(expected.map(({ at }) => at));
      expect([...values]).toEqual(expected.map(({ value }) => value));
    }
    expect(await count('metric_sample')).toBe(pushed.length);
  }

  test('wait in a table of their own, and are merged into one at the end of the day', async () => {
    await pushHourly();
    expect(await count('sample_block_fresh')).toBe(48);
    await work.mergeAll('sample_block_fresh');
    // Two buckets have a block for each of the four periods.
    expect([await count('sample_block_waiting'), await count('sample_block_merged')]).toEqual([8, 0]);
    await expectAll();
    await work.mergeAll('sample_block_waiting');
    expect([await count('sample_block'), await count('sample_block_merged')]).toEqual([2, 2]);
    expect(await work.partitionsOf('sample_block_waiting')).toEqual([]);
    await expectAll();
    const { rows } = await store.client.query(
      'SELECT (SELECT sum(sum) FROM unnest(delta_sums) AS sum WHERE sum <> $1) AS sum FROM sample_block ORDER BY bucket',
      ['NaN'],
    );
    // Each bucket has two counters of 24 samples.
    expect(rows).toEqual([{ sum: 2 * 288 }, { sum: 2 * 288 }]);
  });

  test('of fast series do not wait', async () => {
    const samples = Array.from({ length: 300 }, (_, index) => ({
      series: series[0]!,
      at: START + index * 1_000,
      value: index,
    }));
    await push([...samples, { series: series[5]!, at: START, value: 1 }]);
    await work.compact();
    await work.mergeAll('sample_block_fresh');
    const { rows } = await store.client.query('SELECT bucket, is_merged FROM sample_block ORDER BY bucket');
    expect(rows).toEqual([
      { bucket: 0, is_merged: true },
      { bucket: 1, is_merged: false },
    ]);
    await expectAll();
  });

  test('take late samples in, whenever these arrive', async () => {
    const late = async (value: number) => {
      await push([{ series: series[0]!, at: START + HOUR + 7, value }]);
      await work.compact();
    };
    await pushHourly();
    await late(1);
    await work.mergeAll('sample_block_fresh');
    await late(2);
    await work.mergeAll('sample_block_fresh');
    await late(3);
    // Waiting blocks are not merged while the bucket has fresh blocks, because the merged block would count as later.
    await work.mergeAll('sample_block_waiting');
    expect(await count('sample_block_waiting WHERE bucket = 0')).toBe(4);
    expect(await count('sample_block_waiting WHERE bucket = 1')).toBe(0);
    await expectAll();
    await work.mergeAll('sample_block_fresh');
    await work.mergeAll('sample_block_waiting');
    await late(4);
    await work.mergeAll('sample_block_fresh');
    await work.mergeAll('sample_block_waiting');
    expect([await count('sample_block'), await count('sample_block_merged')]).toEqual([2, 2]);
    await expectAll();
  });

  test('wait as well as many late samples do, so that those stay the later ones', async () => {
    await pushHourly();
    await work.mergeAll('sample_block_fresh');
    await push(Array.from({ length: 300 }, (_, value) => ({ series: series[0]!, at: START + HOUR + 7, value })));
    await work.compact();
    await work.mergeAll('sample_block_fresh');
    // A large block would not be rewritten any more.
    await store.client.query('UPDATE sample_block_merged SET sample_count = 40000');
    await push([{ series: series[0]!, at: START + 13 * HOUR, value: 0 }]);
    await work.compact();
    await work.mergeAll('sample_block_fresh');
    await work.mergeAll('sample_block_waiting');
    await expectAll();
  });

  test('are left alone if a newer one is too large to be rewritten, so that it stays the newer one', async () => {
    const storeOne = async (value: number, of = series[0]!) => {
      await push([{ series: of, at: START, value }]);
      await work.compact();
    };
    const mergeAll = async () => {
      await work.mergeAll('sample_block_fresh');
      await work.mergeAll('sample_block_waiting');
    };
    await storeOne(1);
    await mergeAll();
    // Merging looks only at these numbers, so the blocks need not really be that large.
    await store.client.query('UPDATE sample_block_merged SET sample_count = 20000');
    await storeOne(2);
    await mergeAll();
    expect(await count('sample_block_merged')).toBe(2);
    await store.client.query('UPDATE sample_block_merged SET sample_count = 40000 WHERE sample_count = 1');
    await storeOne(3, series[1]);
    await store.client.query('UPDATE sample_block_fresh SET sample_count = 30000');
    await mergeAll();
    await expectAll();
  });

  test('are all there after steps of any kind and order, some of which fail', async () => {
    for (let run = 0; run < RUNS; run++) {
      const random = new SeededRandom(SEED + run);
      try {
        for (let step = 0; step < 50; step++) await takeRandomStep(random);
        await expectAll();
        await work.compact();
        await work.mergeAll('sample_block_fresh');
        await work.mergeAll('sample_block_waiting');
        expect(await count('sample_block')).toBe(await count('sample_block_merged'));
        await expectAll();
      } catch (error) {
        throw new Error(`The history of SECOND_MERGE_SEED=${SEED + run} failed: ${String(error)}`, { cause: error });
      }
    }
  });

  async function takeRandomStep(random: SeededRandom): Promise<void> {
    const kind = random.pick([
      'push',
      'push',
      'compact',
      'compact',
      'merge',
      'merge',
      'merge twice',
      'fail',
      'look',
    ] as const);
    const set = random.pick(['sample_block_fresh', 'sample_block_waiting'] as const);
    const partitions = await work.partitionsOf(set);
    if (kind === 'push') {
      const samples = Array.from({ length: random.pick([1, 5, 40, 2_000]) }, (_, index) => ({
        series: random.pick(series),
        // Many of these times are equal.
        at: START + random.integer(0, 2) * DAY + random.integer(0, 7) * 3 * HOUR + random.pick([0, index]),
        value: pushed.length + index,
      }));
      await push(samples);
    } else if (kind === 'compact') {
      await work.compact();
    } else if (kind === 'look') {
      await expectAll();
    } else if (partitions.length > 0) {
      const partition = random.pick(partitions);
      const merge = () => work.mergeOnce(set, partition, random.integer(0, 1));
      if (kind === 'fail') await failing(merge);
      else if (kind === 'merge twice') await Promise.all([merge(), merge()]);
      else await merge();
      if (random.isTrue(0.5)) await work.archive.dropPartition(partition, true);
    }
  }

  /** Runs a merge that fails when it writes merged blocks. */
  async function failing(merge: () => Promise<unknown>): Promise<void> {
    await store.client.query(`
      CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'no room'; END $$;
      CREATE TRIGGER fail BEFORE INSERT ON sample_block_merged FOR EACH ROW EXECUTE FUNCTION fail();
      CREATE TRIGGER fail BEFORE INSERT ON sample_block_waiting FOR EACH ROW EXECUTE FUNCTION fail()`);
    await merge().catch((error: Error) => expect(error.message).toContain('no room'));
    await store.client.query('DROP FUNCTION fail CASCADE');
  }

  test('are read whole by a reader that began before the merge, and their partition is dropped after it', async () => {
    await pushHourly();
    await work.mergeAll('sample_block_fresh');
    await store.client.query('BEGIN ISOLATION LEVEL REPEATABLE READ');
    expect(await count('metric_sample')).toBe(pushed.length);
    await work.mergeAll('sample_block_waiting');
    expect([await count('metric_sample'), await count('sample_block_waiting')]).toEqual([pushed.length, 8]);
    await store.client.query('COMMIT');
    expect([await count('metric_sample'), await count('sample_block_waiting')]).toEqual([pushed.length, 0]);
    // The partition could not be dropped while it was read.
    expect(await work.partitionsOf('sample_block_waiting')).toHaveLength(1);
    await work.mergeAll('sample_block_waiting');
    expect(await work.partitionsOf('sample_block_waiting')).toEqual([]);
  });

  test('are merged although those with one id have more samples than a step takes', async () => {
    await pushHourly();
    await work.mergeAll('sample_block_fresh');
    // The blocks of one merge have the same id.
    await store.client.query('UPDATE sample_block_waiting SET sample_count = 400000, id = 1');
    await work.mergeAll('sample_block_waiting');
    expect(await count('sample_block_waiting')).toBe(0);
    await expectAll();
  });

  test('are merged in steps of bounded size', async () => {
    await push([{ series: series[0]!, at: START, value: 1 }]);
    await work.compact();
    await work.mergeAll('sample_block_fresh');
    await work.mergeAll('sample_block_waiting');
    await push([{ series: series[0]!, at: START, value: 2 }]);
    await work.compact();
    await work.mergeAll('sample_block_fresh');
    // There are a hundred waiting and a hundred merged blocks that say that they have 16,000 samples.
    for (const table of ['sample_block_waiting', 'sample_block_merged']) {
      await store.client.query(`UPDATE ${table} SET sample_count = 16000`);
      await store.client.query(
        `INSERT INTO ${table} SELECT (block).* FROM (
           SELECT jsonb_populate_record(block, jsonb_build_object('id', nextval('sample_chunk_order'))) AS block
           FROM ${table} AS block, generate_series(1, 99)) AS copy`,
      );
    }
    const [partition] = await work.partitionsOf('sample_block_waiting');
    await work.mergeOnce('sample_block_waiting', partition!);
    // A step takes half a million samples of each, which 32 and 31 of these blocks have.
    const left = async (table: string) => count(`${table} WHERE sample_count = 16000`);
    expect([await left('sample_block_waiting'), await left('sample_block_merged')]).toEqual([68, 69]);
    expect(await count('metric_sample')).toBe(200);
  });
});
