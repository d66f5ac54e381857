import { HOUR, slowSeries, START } from '../support/slow-series.js';

describe('blocks of slow series', () => {
  const slow = slowSeries();
  const { count, push, pushHourly, expectAll } = slow;

  test('wait in a table of their own, and are merged into one at the end of the day', async () => {
    await pushHourly();
    expect(await count('sample_block_fresh')).toBe(48);
    await slow.work.mergeAll('sample_block_fresh');
    // Two buckets have a block for each of the four periods.
    expect([await count('sample_block_waiting'), await count('sample_block WHERE is_merged')]).toEqual([8, 0]);
    await expectAll();
    await slow.work.mergeAll('sample_block_waiting');
    expect([await count('sample_block'), await count('sample_block WHERE is_merged')]).toEqual([2, 2]);
    expect(await slow.work.partitionsOf('sample_block_waiting')).toEqual([]);
    await expectAll();
    const rows = await slow.query(
      'SELECT (SELECT sum(sum) FROM unnest(delta_sums) AS sum WHERE sum <> $1) AS sum FROM sample_block ORDER BY bucket',
      ['NaN'],
    );
    // Each bucket has two counters of 24 samples.
    expect(rows).toEqual([{ sum: 2 * 288 }, { sum: 2 * 288 }]);
  });

  test('of fast series do not wait', async () => {
    const samples = Array.from({ length: 300 }, (_, index) => ({
      series: slow.series[0]!,
      at: START + index * 1_000,
      value: index,
    }));
    await push([...samples, { series: slow.series[5]!, at: START, value: 1 }]);
    await slow.work.compact();
    await slow.work.mergeAll('sample_block_fresh');
    const rows = await slow.query('SELECT bucket, is_merged FROM sample_block ORDER BY bucket');
    expect(rows).toEqual([
      { bucket: 0, is_merged: true },
      { bucket: 1, is_merged: false },
    ]);
    await expectAll();
  });

  test('take late samples in, whenever these arrive', async () => {
    const late = async (value: number) => {
      await push([{ series: slow.series[0]!, at: START + HOUR + 7, value }]);
      await slow.work.compact();
    };
    await pushHourly();
    await late(1);
    await slow.work.mergeAll('sample_block_fresh');
    await late(2);
    await slow.work.mergeAll('sample_block_fresh');
    await late(3);
    // Waiting blocks are not merged while the bucket has fresh blocks, because the merged block would count as later.
    await slow.work.mergeAll('sample_block_waiting');
    expect(await count('sample_block_waiting WHERE bucket = 0')).toBe(4);
    expect(await count('sample_block_waiting WHERE bucket = 1')).toBe(0);
    await expectAll();
    await slow.work.mergeAll('sample_block_fresh');
    await slow.work.mergeAll('sample_block_waiting');
    await late(4);
    await slow.work.mergeAll('sample_block_fresh');
    await slow.work.mergeAll('sample_block_waiting');
    expect([await count('sample_block'), await count('sample_block WHERE is_merged')]).toEqual([2, 2]);
    await expectAll();
  });

  test('wait as well as many late samples do, so that those stay the later ones', async () => {
    await pushHourly();
    await slow.work.mergeAll('sample_block_fresh');
    await push(Array.from({ length: 300 }, (_, value) => ({ series: slow.series[0]!, at: START + HOUR + 7, value })));
    await slow.work.compact();
    await slow.work.mergeAll('sample_block_fresh');
    // A large block would not be rewritten any more.
    await slow.query('UPDATE sample_block_merged SET sample_count = 40000');
    await push([{ series: slow.series[0]!, at: START + 13 * HOUR, value: 0 }]);
    await slow.work.compact();
    await slow.work.mergeAll('sample_block_fresh');
    await slow.work.mergeAll('sample_block_waiting');
    await expectAll();
  });

  test('are left alone if a newer one is too large to be rewritten, so that it stays the newer one', async () => {
    const storeOne = async (value: number, of = slow.series[0]!) => {
      await push([{ series: of, at: START, value }]);
      await slow.work.compact();
    };
    const mergeAll = async () => {
      await slow.work.mergeAll('sample_block_fresh');
      await slow.work.mergeAll('sample_block_waiting');
    };
    await storeOne(1);
    await mergeAll();
    // Merging looks only at these numbers, so the blocks need not really be that large.
    await slow.query('UPDATE sample_block_merged SET sample_count = 20000');
    await storeOne(2);
    await mergeAll();
    expect(await count('sample_block WHERE is_merged')).toBe(2);
    await slow.query('UPDATE sample_block_merged SET sample_count = 40000 WHERE sample_count = 1');
    await storeOne(3, slow.series[1]);
    await slow.query('UPDATE sample_block_fresh SET sample_count = 30000');
    await mergeAll();
    await expectAll();
  });

  test('are read whole by a reader that began before the merge, and their partition is dropped after it', async () => {
    await pushHourly();
    await slow.work.mergeAll('sample_block_fresh');
    await slow.query('BEGIN ISOLATION LEVEL REPEATABLE READ');
    expect(await count('metric_sample')).toBe(slow.pushed.length);
    await slow.work.mergeAll('sample_block_waiting');
    expect([await count('metric_sample'), await count('sample_block_waiting')]).toEqual([slow.pushed.length, 8]);
    await slow.query('COMMIT');
    expect([await count('metric_sample'), await count('sample_block_waiting')]).toEqual([slow.pushed.length, 0]);
    // The partition could not be dropped while it was read.
    expect(await slow.work.partitionsOf('sample_block_waiting')).toHaveLength(1);
    await slow.work.mergeAll('sample_block_waiting');
    expect(await slow.work.partitionsOf('sample_block_waiting')).toEqual([]);
  });
});
