import { REFUSED, refuseRows } from '../support/refused-rows.js';
import { SeededRandom } from '../support/seeded-random.js';
import { DAY, HOUR, slowSeries, START } from '../support/slow-series.js';

/** Number of random histories. `SECOND_MERGE_RUNS=200 SECOND_MERGE_SEED=5` searches for rarer errors. */
const RUNS = Number(process.env.SECOND_MERGE_RUNS ?? 2);
const SEED = Number(process.env.SECOND_MERGE_SEED ?? 1);

describe('blocks of slow series', () => {
  const slow = slowSeries();
  const { count, push, pushHourly, expectAll } = slow;

  test('are all there after steps of any kind and order, some of which fail', async () => {
    for (let run = 0; run < RUNS; run++) {
      const random = new SeededRandom(SEED + run);
      try {
        for (let step = 0; step < 50; step++) await takeRandomStep(random);
        await expectAll();
        await slow.work.compact();
        await slow.work.mergeAll('sample_block_fresh');
        await slow.work.mergeAll('sample_block_waiting');
        expect(await count('sample_block')).toBe(await count('sample_block WHERE is_merged'));
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
    const partitions = await slow.work.partitionsOf(set);
    if (kind === 'push') {
      const samples = Array.from({ length: random.pick([1, 5, 40, 2_000]) }, (_, index) => ({
        series: random.pick(slow.series),
        // Many of these times are equal.
        at: START + random.integer(0, 2) * DAY + random.integer(0, 7) * 3 * HOUR + random.pick([0, index]),
        value: slow.pushed.length + index,
      }));
      await push(samples);
    } else if (kind === 'compact') {
      await slow.work.compact();
    } else if (kind === 'look') {
      await expectAll();
    } else if (partitions.length > 0) {
      const partition = random.pick(partitions);
      const merge = () => slow.work.mergeOnce(set, partition, random.integer(0, 1));
      if (kind === 'fail') await failing(merge);
      else if (kind === 'merge twice') await Promise.all([merge(), merge()]);
      else await merge();
      if (random.isTrue(0.5)) await slow.work.archive.dropPartition(partition, true);
    }
  }

  /** Runs a merge that fails when it writes merged blocks. */
  async function failing(merge: () => Promise<unknown>): Promise<void> {
    const takeAgain = await refuseRows(slow.query, 'sample_block_merged', 'sample_block_waiting');
    await merge().catch((error: Error) => expect(error.message).toContain(REFUSED));
    await takeAgain();
  }

  test('are merged although those with one id have more samples than a step takes', async () => {
    await pushHourly();
    await slow.work.mergeAll('sample_block_fresh');
    // The blocks of one merge have the same id.
    await slow.query('UPDATE sample_block_waiting SET sample_count = 400000, id = 1');
    await slow.work.mergeAll('sample_block_waiting');
    expect(await count('sample_block_waiting')).toBe(0);
    await expectAll();
  });

  test('are merged in steps of bounded size', async () => {
    await push([{ series: slow.series[0]!, at: START, value: 1 }]);
    await slow.work.compact();
    await slow.work.mergeAll('sample_block_fresh');
    await slow.work.mergeAll('sample_block_waiting');
    await push([{ series: slow.series[0]!, at: START, value: 2 }]);
    await slow.work.compact();
    await slow.work.mergeAll('sample_block_fresh');
    // There are a hundred waiting and a hundred merged blocks that say that they have 16,000 samples.
    for (const table of ['sample_block_waiting', 'sample_block_merged']) {
      await slow.query(`UPDATE ${table} SET sample_count = 16000`);
      await slow.query(
        `INSERT INTO ${table} SELECT (block).* FROM (
           SELECT jsonb_populate_record(block, jsonb_build_object('id', nextval('sample_chunk_order'))) AS block
           FROM ${table} AS block, generate_series(1, 99)) AS copy`,
      );
    }
    const [partition] = await slow.work.partitionsOf('sample_block_waiting');
    await slow.work.mergeOnce('sample_block_waiting', partition!);
    // A step takes half a million samples of each, which 32 and 31 of these blocks have.
    const left = (isMerged: boolean) => count(`sample_block WHERE sample_count = 16000 AND is_merged = ${isMerged}`);
    expect([await left(false), await left(true)]).toEqual([68, 69]);
    expect(await count('metric_sample')).toBe(200);
  });
});
