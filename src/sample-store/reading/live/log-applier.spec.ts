import { pass } from '../../../../test/support/machines/fake-clock.js';
import { KnownSeries } from '../../../../test/support/machines/known-series.js';
import { committedRow, rowOf } from '../../../../test/support/machines/log-rows.js';
import { seriesOf } from '../../../../test/support/machines/series.js';
import type { Catalog } from '../../../catalog/catalog.js';
import { Series } from '../../../catalog/series/series.js';
import { completeOptions } from '../../../custom-metrics.options.js';
import { DatabaseChangedError, KnownDatabase } from '../../../database/known-database.js';
import { LiveValues } from '../../../live-values/live-values.js';
import { type LoadedState, LogApplier } from './log-applier.js';
import { DatabaseSchema } from '../../../database/schema/database-schema.js';

/**
 * The state of each writer is the newest sequence number that is applied. Later rows are applied; all others are ignored. While a
 * reload runs, applied rows are also kept, and are applied again to the loaded values. If a row of this process has a sample of a
 * removed series, the sample is left out, its series is fetched, and then the sample is shown or dropped.
 */
describe('LogApplier', () => {
  let series: Series;
  let other: Series;
  let catalog: KnownSeries;
  let live: LiveValues;
  let known: KnownDatabase;
  let applier: LogApplier;

  beforeEach(() => {
    series = seriesOf(1);
    other = seriesOf(2);
    catalog = new KnownSeries([series, other]);
    live = new LiveValues();
    known = new KnownDatabase(new DatabaseSchema('public'));
    const options = completeOptions({ store: { waitMs: 5_000 } });
    applier = new LogApplier(catalog as Partial<Catalog> as Catalog, live, known, options);
  });

  const values = () => [live.valueOf(series), live.valueOf(other)];

  /** Begins a reload that ends when the test says so. */
  function beginReload() {
    const ends: string[] = [];
    let end: (loaded: LoadedState) => void;
    let fail: (error: Error) => void;
    let fresh: LiveValues;
    applier
      .reload((values) => {
        fresh = values;
        return new Promise((resolve, reject) => {
          end = resolve;
          fail = reject;
        });
      })
      .then(
        () => ends.push('ended'),
        (error: Error) => ends.push(error.name),
      );
    return {
      ends,
      /** @param until the newest sequence number of writer 1 in the snapshot */
      end: async (until: number, ...rows: Parameters<LiveValues['apply']>[0][]) => {
        for (const row of rows) fresh.apply(row);
        end({ sequences: new Map([[1, until]]), correction: 0 });
        await pass(0);
      },
      fail: async () => {
        fail(new Error('lost'));
        await pass(0);
      },
    };
  }

  describe('a row of another process', () => {
    it('is applied if it is new, and its sequence number is noted', async () => {
      await applier.apply([rowOf(7, 1, [[1, 2]]), rowOf(7, 2, [[1, 3]])]);
      expect([values(), [...applier.applied]]).toEqual([[5, NaN], [[7, 2]]]);
    });

    it('is ignored if it is repeated', async () => {
      await applier.apply([rowOf(7, 1, [[1, 2]]), rowOf(7, 1, [[1, 2]])]);
      await applier.apply([rowOf(7, 1, [[1, 2]])]);
      expect(values()).toEqual([2, NaN]);
    });

    it('is distinguished by its writer from a row with the same sequence number', async () => {
      await applier.apply([rowOf(7, 1, [[1, 2]]), rowOf(8, 1, [[1, 3]])]);
      expect(values()).toEqual([5, NaN]);
    });

    it('causes all its unknown series to be fetched in one query', async () => {
      catalog.known.clear();
      catalog.stored.set(1, series).set(2, other);
      await applier.apply([rowOf(7, 1, [[1, 2]]), rowOf(8, 1, [[2, 3]])]);
      expect([catalog.fetched, values()]).toEqual([[[1, 2]], [2, 3]]);
    });

    it('loses only the samples whose series is gone', async () => {
      catalog.known.delete(1);
      const row = {
        ...rowOf(7, 1, [
          [1, 2],
          [2, 3],
        ]),
        timestamps: Float64Array.of(100, 200),
      };
      await applier.apply([row]);
      expect([values(), live.newestAtOf(other), applier.applied.get(7)]).toEqual([[NaN, 3], 200, 1]);
    });

    it('is not shown at all while its series cannot be fetched, and is shown when it is read again', async () => {
      catalog.known.delete(2);
      catalog.stored.set(2, other);
      catalog.beforeFetch = () => Promise.reject(new Error('lost'));
      const rows = [
        rowOf(7, 1, [
          [1, 2],
          [2, 3],
        ]),
      ];
      await expect(applier.apply(rows)).rejects.toThrow('lost');
      expect([values(), applier.applied.size]).toEqual([[NaN, NaN], 0]);
      catalog.beforeFetch = () => Promise.resolve();
      await applier.apply(rows);
      expect(values()).toEqual([2, 3]);
    });

    it('is not shown if the database has changed while its series were fetched', async () => {
      catalog.known.delete(2);
      catalog.beforeFetch = () => {
        known.changeTo('elsewhere');
        return Promise.resolve();
      };
      await expect(
        applier.apply([
          rowOf(7, 1, [
            [1, 2],
            [2, 3],
          ]),
        ]),
      ).rejects.toThrow(DatabaseChangedError);
      expect([values(), applier.applied.size]).toEqual([[NaN, NaN], 0]);
    });
  });

  describe('a row of this process', () => {
    it('is shown whole, and once', () => {
      const row = committedRow(1, [
        [series, 2],
        [series, 3],
        [other, 4],
      ]);
      applier.applyCommitted(row);
      applier.applyCommitted(row);
      expect(values()).toEqual([5, 4]);
    });

    it('brings a forgotten series back, and shows its sample in the new slot', async () => {
      catalog.remove(series);
      const revived = new Series(1, 5, series.metric, '', null, null, new Date(0));
      catalog.stored.set(1, revived);
      applier.applyCommitted(
        committedRow(1, [
          [series, 2],
          [other, 3],
        ]),
      );
      expect(values()).toEqual([NaN, 3]);
      await pass(0);
      expect([live.valueOf(revived), values()]).toEqual([2, [NaN, 3]]);
    });

    it('drops the sample of a deleted series', async () => {
      catalog.remove(series);
      applier.applyCommitted(committedRow(1, [[series, 2]]));
      await pass(0);
      expect([catalog.fetched, values()]).toEqual([[[1]], [NaN, NaN]]);
    });

    it('does not show a left-out sample in another database', async () => {
      catalog.remove(series);
      catalog.stored.set(1, seriesOf(1));
      catalog.beforeFetch = () => {
        known.changeTo('elsewhere');
        return Promise.resolve();
      };
      applier.applyCommitted(committedRow(1, [[series, 2]]));
      await pass(0);
      expect(live.valueOf(catalog.known.get(1)!)).toBeNaN();
    });

    /** Applies a row, and reloads while its series is being fetched. */
    async function reloadDuringFetch(loadedUntil: number): Promise<number> {
      catalog.remove(series);
      const revived = new Series(1, 5, series.metric, '', null, null, new Date(0));
      catalog.stored.set(1, revived);
      let arrive = () => {};
      catalog.beforeFetch = () => new Promise<void>((resolve) => (arrive = resolve));
      applier.applyCommitted(committedRow(1, [[series, 2]]));
      await pass(0);
      const reload = beginReload();
      await reload.end(loadedUntil, ...(loadedUntil > 0 ? [committedRow(1, [[revived, 2]])] : []));
      arrive();
      await pass(0);
      return live.valueOf(revived);
    }

    it('does not show a left-out sample twice if a reload has read it', async () => {
      expect(await reloadDuringFetch(1)).toBe(2);
    });

    it('shows a left-out sample if a reload has not read it', async () => {
      expect(await reloadDuringFetch(0)).toBe(2);
    });
  });

  describe('a reload', () => {
    it('replaces the shown values by the loaded ones, and continues from there', async () => {
      applier.applyCommitted(committedRow(1, [[series, 2]]));
      const reload = beginReload();
      expect(values()).toEqual([2, NaN]);
      await reload.end(3, committedRow(1, [[series, 2]]), committedRow(3, [[series, 10]]));
      expect([reload.ends, values(), applier.applied.get(1)]).toEqual([['ended'], [12, NaN], 3]);
      applier.applyCommitted(committedRow(3, [[series, 10]]));
      applier.applyCommitted(committedRow(4, [[series, 1]]));
      expect(values()).toEqual([13, NaN]);
    });

    it('applies rows again that arrived while it ran, except those that it has read itself', async () => {
      const reload = beginReload();
      const rows = [2, 3].map((sequence) => committedRow(sequence, [[series, 11]]));
      for (const row of rows) applier.applyCommitted(row);
      expect(values()).toEqual([22, NaN]);
      await reload.end(2, rows[0]!);
      expect([values(), applier.applied.get(1)]).toEqual([[22, NaN], 3]);
    });

    it('changes nothing if it fails, and keeps no rows', async () => {
      const failed = beginReload();
      applier.applyCommitted(committedRow(1, [[series, 2]]));
      await failed.fail();
      expect([failed.ends, values()]).toEqual([['Error'], [2, NaN]]);
      applier.applyCommitted(committedRow(2, [[series, 3]]));
      const next = beginReload();
      await next.end(2, committedRow(1, [[series, 2]]), committedRow(2, [[series, 3]]));
      expect(values()).toEqual([5, NaN]);
    });

    it('is discarded if the database has changed while it ran', async () => {
      const reload = beginReload();
      known.changeTo('elsewhere');
      const fresh = new LiveValues();
      fresh.apply(committedRow(1, [[series, 100]]));
      applier.replaceBy(fresh, { sequences: new Map([[1, 1]]), correction: 0 });
      await reload.end(9, committedRow(9, [[series, 2]]));
      expect([reload.ends, values(), applier.applied.get(1)]).toEqual([['DatabaseChangedError'], [100, NaN], 1]);
    });
  });
});
