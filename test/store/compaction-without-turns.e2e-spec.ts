import { REFUSED, refuseRows } from '../support/refused-rows.js';
import { DAY, HOUR, slowSeries, START } from '../support/slow-series.js';

/** More days than one compaction creates partitions of fresh and waiting blocks for. */
const DAYS = 40;

/** Some samples of so many periods become merged blocks at once, which may be on another server, and that may be away. */
describe('the compaction of samples from many periods', () => {
  const slow = slowSeries();

  const samplesAt = (minute: number, value: number) =>
    Array.from({ length: DAYS }, (_, day) =>
      slow.series.map((series) => ({ series, at: START - day * DAY + HOUR + minute * 60_000, value })),
    ).flat();

  test('goes on while merged blocks can not be written, and every sample is there once', async () => {
    const takeAgain = await refuseRows(slow.query, 'sample_block_merged');
    await slow.push(samplesAt(0, 1));
    await expect(slow.work.compact()).rejects.toThrow(REFUSED);
    expect(await slow.count('sample_batch')).toBe(1);
    await slow.expectAll();
    slow.work.pausesTurns = true;
    await slow.work.compact();
    expect(await slow.count('sample_batch')).toBe(0);
    await slow.expectAll();
    // Samples that arrive later count as the later ones of equal times.
    await slow.push([...samplesAt(0, 2), ...samplesAt(1, 3)]);
    await slow.work.compact();
    expect(await slow.count('sample_batch')).toBe(0);
    await slow.expectAll();
    slow.work.pausesTurns = false;
    await takeAgain();
    await slow.push(samplesAt(0, 4));
    await slow.work.compact();
    await slow.work.mergeAll('sample_block_fresh');
    await slow.work.mergeAll('sample_block_waiting');
    expect(await slow.work.partitionsOf('sample_block_waiting')).toEqual([]);
    expect(await slow.count('sample_block')).toBe(await slow.count('sample_block WHERE is_merged'));
    await slow.expectAll();
  });
});
