import { CompensatedSum } from '../../src/live-values/compensated-sum.js';
import type { SeriesSamples } from '../../src/sample-store/reading/columns/series-samples.js';
import { comparable, DAY, DAYS, RUNS, SEED, START, twinSeries } from '../support/twin-series.js';

describe('a series in blocks', () => {
  const twins = twinSeries();
  const { random, inChunks, inBlocks, seriesWith } = twins;

  /** Returns the totals at edges, which is all that matters of a series that was read with edges. */
  function totalsAt(edges: Float64Array, { timestamps, values, before }: SeriesSamples): number[] {
    return Array.from(edges, (edge) => {
      const sum = new CompensatedSum(before.value ?? 0);
      for (let index = 0; index < timestamps.length && timestamps[index]! <= edge; index++) sum.add(values[index]!);
      return sum.high;
    });
  }

  test('is read as if it were in chunks', async () => {
    for (let run = 0; run < RUNS; run++) {
      const from = START + random.integer(-DAY, DAYS * DAY);
      const to = from + random.pick([1, 60_000, 3_600_000, DAY, 3 * DAY, 10 * DAY]);
      const places = random.isTrue(0.3) ? [random.integer(0, 11)] : [...inChunks.keys()];
      const query = { from, to, needsBefore: random.isTrue(0.7), maxSamples: 1_000_000 };
      const [chunks, blocks] = await Promise.all(
        [inChunks, inBlocks].map((series) =>
          twins.reader.read({ ...query, series: places.map((place) => series[place]!) }),
        ),
      );
      try {
        for (const [index] of places.entries()) {
          const [expected, found] = [chunks![index]!, blocks![index]!];
          expect(comparable(found)).toEqual(comparable(expected));
        }
      } catch (error) {
        throw new Error(`Query ${run} of BLOCK_READING_SEED=${SEED} failed: ${String(error)}`, { cause: error });
      }
    }
  });

  test('has its value before the range, unless it has a sample before the first time that matters', async () => {
    let without = 0;
    for (let run = 0; run < RUNS; run++) {
      const from = START + random.integer(-DAY, DAYS * DAY);
      const to = from + random.pick([3_600_000, DAY, 3 * DAY]);
      const firstValueAt = random.integer(from, to);
      const query = { from, to, needsBefore: true, maxSamples: 1_000_000, series: [...inChunks, ...inBlocks] };
      const [all, found] = await Promise.all([twins.reader.read(query), twins.reader.read({ ...query, firstValueAt })]);
      for (const [index, { series, timestamps, before }] of found.entries()) {
        expect(timestamps).toEqual(all[index]!.timestamps);
        const mayLackIt = series.kind !== 'delta' && timestamps.length > 0 && timestamps[0]! <= firstValueAt;
        if (!mayLackIt) expect(before).toEqual(all[index]!.before);
        else if (before.value === undefined && all[index]!.before.value !== undefined) without++;
      }
    }
    // Otherwise nothing would be saved.
    expect(without).toBeGreaterThan(0);
  });

  test('has the same totals at edges, of which most come from sums', async () => {
    let summed = 0;
    for (let run = 0; run < RUNS / 3; run++) {
      const from = START + random.integer(-DAY, DAYS * DAY);
      const to = from + random.pick([DAY, 3 * DAY, 10 * DAY]);
      const edges = Float64Array.from({ length: random.integer(1, 8) }, () => random.integer(from, to)).toSorted();
      const needsBefore = random.isTrue(0.5);
      const query = { from, to, needsBefore, onlyWithSamples: !needsBefore, edges, maxSamples: 1_000_000 };
      const [all, chunks, blocks] = await Promise.all([
        twins.reader.read({ ...query, edges: undefined, series: inBlocks }),
        twins.reader.read({ ...query, series: inChunks }),
        twins.reader.read({ ...query, series: inBlocks }),
      ]);
      expect(blocks.map(({ series }) => series)).toEqual(all.map(({ series }) => series));
      for (const [index, found] of blocks.entries()) {
        if (found.series.kind !== 'delta') {
          expect(comparable(found)).toEqual(comparable(all[index]!));
          continue;
        }
        expect(totalsAt(edges, found)).toEqual(totalsAt(edges, all[index]!));
        expect(totalsAt(edges, found)).toEqual(totalsAt(edges, chunks[index]!));
        if (!needsBefore) expect(found.before.value).toBeUndefined();
        if (found.timestamps.length < all[index]!.timestamps.length) summed++;
      }
    }
    expect(summed).toBeGreaterThan(RUNS / 10);
  });

  test('ends the reading at the limit of samples, and leaves out series without samples', async () => {
    const range = { from: START, to: START + DAYS * DAY };
    await expect(twins.reader.read({ ...range, series: inBlocks, maxSamples: 100 })).rejects.toThrow(
      'More than 100 samples',
    );
    const found = await twins.reader.read({
      from: START + 2.5 * DAY,
      to: START + 2.5 * DAY + 1,
      series: [...inBlocks, seriesWith(1_000)],
      onlyWithSamples: true,
      maxSamples: 1_000,
    });
    expect(found.map(({ series }) => series.id)).toEqual(inBlocks.map(({ id }) => id));
  });
});
