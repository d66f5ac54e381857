import { pass } from '../../../test/support/machines/fake-clock.js';
import { KnownSeries } from '../../../test/support/machines/known-series.js';
import { committedRow, rowOf } from '../../../test/support/machines/log-rows.js';
import { seriesOf } from '../../../test/support/machines/series.js';
import type { Catalog } from '../../catalog/catalog.js';
import { Series } from '../../catalog/series/series.js';
import { completeOptions } from '../../custom-metrics.options.js';
import { DatabaseChangedError, KnownDatabase } from '../../database/known-database.js';
import { LiveValues } from '../../live-values/live-values.js';
import { type AppliedSequences, LogApplier } from './log-applier.js';

/**
 * For each writer the state is the newest sequence that is applied: a row above it is applied, a row up to it is ignored. A reload
 * is idle or under way; while it is under way, what is applied is also kept, and is applied again to what the reload has loaded.
 * A sample of this process' own row whose series is removed is left out, then fetched, and then shown or dropped.
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
    known = new KnownDatabase();
    const options = completeOptions({ store: { waitMs: 5_000 } });
    applier = new LogApplier(catalog as Partial<Catalog> as Catalog, live, known, options);
  });

  const values = () => [live.valueOf(series), live.valueOf(other)];

  /** A reload that ends when the test says so. */
  function beginReload() {
    const ends: string[] = [];
    let end: (loaded: AppliedSequences) => void;
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
      /** @param rows what the snapshot has, of writer 1 up to a sequence */
      end: async (until: number, ...rows: Parameters<LiveValues['apply']>[0][]) => {
        for (const row of rows) fresh.apply(row);
        end(new Map([[1, until]]));
        await pass(0);
      },
      fail: async () => {
        fail(new Error('lost'));
        await pass(0);
      },
    };
  }

  describe('a row of another process', () => {
    it('is applied when it is new, and notes its sequence', async () => {
      await applier.apply([rowOf(7, 1, [[1, 2]]), rowOf(7, 2, [[1, 3]])]);
      expect([values(), [...applier.applied]]).toEqual([[5, NaN], [[7, 2]]]);
    });

    it('is ignored when it comes again', async () => {
      await applier.apply([rowOf(7, 1, [[1, 2]]), rowOf(7, 1, [[1, 2]])]);
      await applier.apply([rowOf(7, 1, [[1, 2]])]);
      expect(values()).toEqual([2, NaN]);
    });

    it('is told apart from a row of the same sequence by its writer', async () => {
      await applier.apply([rowOf(7, 1, [[1, 2]]), rowOf(8, 1, [[1, 3]])]);
      expect(values()).toEqual([5, NaN]);
    });

    it('has its unknown series fetched, all in one question', async () => {
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

    it('is not shown at all while its series cannot be fetched, and is shown when it comes again', async () => {
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

    it('brings a forgotten series back: its sample is shown in its new place', async () => {
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

    it('does not show a left out sample in another database', async () => {
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

    /** A row is applied, its series is being fetched, and a reload comes in between. */
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

    it('does not show a left out sample twice that a reload has read', async () => {
      expect(await reloadDuringFetch(1)).toBe(2);
    });

    it('shows a left out sample that a reload has not read', async () => {
      expect(await reloadDuringFetch(0)).toBe(2);
    });
  });

  describe('a reload', () => {
    it('shows what it has loaded in place of what was shown, and goes on from there', async () => {
      applier.applyCommitted(committedRow(1, [[series, 2]]));
      const reload = beginReload();
      expect(values()).toEqual([2, NaN]);
      await reload.end(3, committedRow(1, [[series, 2]]), committedRow(3, [[series, 10]]));
      expect([reload.ends, values(), applier.applied.get(1)]).toEqual([['ended'], [12, NaN], 3]);
      applier.applyCommitted(committedRow(3, [[series, 10]]));
      applier.applyCommitted(committedRow(4, [[series, 1]]));
      expect(values()).toEqual([13, NaN]);
    });

    it('applies again what came while it was under way, and what it has read itself only once', async () => {
      const reload = beginReload();
      const rows = [2, 3].map((sequence) => committedRow(sequence, [[series, 11]]));
      for (const row of rows) applier.applyCommitted(row);
      expect(values()).toEqual([22, NaN]);
      await reload.end(2, rows[0]!);
      expect([values(), applier.applied.get(1)]).toEqual([[22, NaN], 3]);
    });

    it('leaves everything as it was when it fails, and keeps nothing for later', async () => {
      const failed = beginReload();
      applier.applyCommitted(committedRow(1, [[series, 2]]));
      await failed.fail();
      expect([failed.ends, values()]).toEqual([['Error'], [2, NaN]]);
      applier.applyCommitted(committedRow(2, [[series, 3]]));
      const next = beginReload();
      await next.end(2, committedRow(1, [[series, 2]]), committedRow(2, [[series, 3]]));
      expect(values()).toEqual([5, NaN]);
    });

    it('is thrown away if the database has changed while it loaded', async () => {
      const reload = beginReload();
      known.changeTo('elsewhere');
      const fresh = new LiveValues();
      fresh.apply(committedRow(1, [[series, 100]]));
      applier.replaceBy(fresh, new Map([[1, 1]]));
      await reload.end(9, committedRow(9, [[series, 2]]));
      expect([reload.ends, values(), applier.applied.get(1)]).toEqual([['DatabaseChangedError'], [100, NaN], 1]);
    });
  });
});
