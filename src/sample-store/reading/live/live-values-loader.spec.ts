import { pass } from '../../../../test/support/machines/fake-clock.js';
import { KnownSeries } from '../../../../test/support/machines/known-series.js';
import { rowOf } from '../../../../test/support/machines/log-rows.js';
import { seriesOf } from '../../../../test/support/machines/series.js';
import type { Catalog } from '../../../catalog/catalog.js';
import type { Series } from '../../../catalog/series/series.js';
import { completeOptions } from '../../../custom-metrics.options.js';
import { DatabaseSchema } from '../../../database/schema/database-schema.js';
import { KnownDatabase } from '../../../database/known-database.js';
import { LiveValues, type SeriesTotals } from '../../../live-values/live-values.js';
import type { LogRow } from '../../log/log-row.js';
import { LiveValuesLoader } from './live-values-loader.js';
import { LogApplier } from './log-applier.js';
import type { SeriesTotalsPage } from './series-totals-page.js';
import type { StoreSnapshot, StoreSnapshotRepository } from '../store-snapshot.repository.js';

const DEADLINE_MS = 300_000;

interface SeriesTotalsRow extends SeriesTotals {
  readonly id: number;
}

/** Stands in for a snapshot of the store, whose pages a test defines. */
class StoredSnapshot implements Pick<
  StoreSnapshot,
  'newestCorrection' | 'compactedSequences' | 'totalsAfter' | 'rows'
> {
  compacted: readonly (readonly [writerId: number, sequence: number])[] = [];
  totalsPages: SeriesTotalsRow[][] = [];
  rowPages: LogRow[][] = [];

  correction = 0;

  newestCorrection(): Promise<number> {
    return Promise.resolve(this.correction);
  }

  compactedSequences(): Promise<Map<number, number>> {
    return Promise.resolve(new Map(this.compacted));
  }

  totalsAfter(afterId: number): Promise<SeriesTotalsPage | undefined> {
    const rows = this.totalsPages.find((page) => page[0]!.id > afterId);
    const ids = Int32Array.from(rows ?? [], ({ id }) => id);
    return Promise.resolve(rows && { ids, totalsAt: (index) => rows[index]! });
  }

  async *rows(): AsyncGenerator<LogRow[]> {
    for (const page of this.rowPages) yield await Promise.resolve(page);
  }
}

/** Returns the totals of a counter. */
const totalOf = (id: number, total: number): SeriesTotalsRow => ({
  id,
  total,
  totalLow: 0,
  lastValue: total,
  lastAt: 1,
  lastReceivedAt: 1,
  lastWriterId: 7,
  lastSequence: 1,
  pushedAt: 1,
});

/**
 * The loader is idle or loading. A call while it loads is kept, and loads again when the load has ended, however it ended. A load
 * reads one snapshot: compacted totals first, then the rows that are still in the log.
 */
describe('LiveValuesLoader', () => {
  let series: Series;
  let other: Series;
  let catalog: KnownSeries;
  let live: LiveValues;
  let applier: LogApplier;
  let snapshot: StoredSnapshot;
  let loads: number;
  /** Returns a promise for which each snapshot waits. */
  let beforeSnapshot: () => Promise<unknown>;
  let loader: LiveValuesLoader;

  beforeEach(() => {
    series = seriesOf(1);
    other = seriesOf(2);
    catalog = new KnownSeries([series, other]);
    live = new LiveValues();
    applier = new LogApplier(asCatalog(), live, new KnownDatabase(new DatabaseSchema('public')), completeOptions({}));
    snapshot = new StoredSnapshot();
    loads = 0;
    beforeSnapshot = () => Promise.resolve();
    const store: Pick<StoreSnapshotRepository, 'withSnapshot'> = {
      withSnapshot: async (task) => {
        loads++;
        await beforeSnapshot();
        return task(snapshot as Partial<StoreSnapshot> as StoreSnapshot);
      },
    };
    loader = new LiveValuesLoader(store as StoreSnapshotRepository, asCatalog(), applier);
  });

  const asCatalog = () => catalog as Partial<Catalog> as Catalog;
  const values = () => [live.valueOf(series), live.valueOf(other)];

  /** Begins a reload, and collects how it ends. */
  async function reload(): Promise<string[]> {
    const ends: string[] = [];
    loader.reload().then(
      () => ends.push('ended'),
      (error: Error) => ends.push(error.message),
    );
    await pass(0);
    return ends;
  }

  /** Holds every load until it is released or made to fail. */
  function holdLoads() {
    const held: { resolve: (value: unknown) => void; reject: (error: Error) => void }[] = [];
    beforeSnapshot = () => new Promise((resolve, reject) => held.push({ resolve, reject }));
    return {
      release: async () => {
        held.shift()!.resolve(undefined);
        await pass(0);
      },
      fail: async () => {
        held.shift()!.reject(new Error('lost'));
        await pass(0);
      },
    };
  }

  describe('a load', () => {
    it('adds the rows of the log to the compacted totals', async () => {
      snapshot.totalsPages = [[totalOf(1, 10)], [totalOf(2, 20)]];
      snapshot.rowPages = [[rowOf(7, 3, [[1, 1]])], [rowOf(8, 1, [[1, 2]]), rowOf(7, 4, [[2, 5]])]];
      expect(await reload()).toEqual(['ended']);
      expect(values()).toEqual([13, 25]);
    });

    it('notes the newest row of each writer, compacted or in the log', async () => {
      snapshot.compacted = [
        [6, 9],
        [7, 2],
      ];
      // Rows are read in the order of their arrival.
      snapshot.rowPages = [[rowOf(7, 4, [[1, 1]], 1), rowOf(7, 3, [[1, 1]], 2), rowOf(8, 1, [[1, 1]], 3)]];
      await reload();
      expect([...applier.applied]).toEqual([
        [6, 9],
        [7, 4],
        [8, 1],
      ]);
    });

    it('replaces what was shown before', async () => {
      await applier.apply([rowOf(7, 1, [[1, 4]])]);
      snapshot.totalsPages = [[totalOf(2, 20)]];
      await reload();
      expect(values()).toEqual([NaN, 20]);
    });

    it('fetches the series of totals that the catalog does not know, a page at a time', async () => {
      const [third, fifth] = [seriesOf(3), seriesOf(5)];
      catalog.stored.set(3, third).set(5, fifth);
      snapshot.totalsPages = [[totalOf(1, 10), totalOf(3, 30)], [totalOf(4, 40)], [totalOf(5, 50)]];
      await reload();
      expect(catalog.fetched).toEqual([[3], [4], [5]]);
      expect([third, fifth].map((each) => live.valueOf(each))).toEqual([30, 50]);
    });

    it('notes the newest correction that its snapshot contains', async () => {
      snapshot.correction = 3;
      expect(applier.correction).toBe(0);
      expect(await reload()).toEqual(['ended']);
      expect(applier.correction).toBe(3);
    });

    it('leaves out totals of series that no longer exist', async () => {
      snapshot.totalsPages = [[totalOf(1, 10), totalOf(9, 90)]];
      expect(await reload()).toEqual(['ended']);
      expect(values()).toEqual([10, NaN]);
    });

    it('fills other live values from another catalog without a change to its own', async () => {
      const [foreign, fresh] = [seriesOf(1), new LiveValues()];
      snapshot.compacted = [[7, 1]];
      snapshot.totalsPages = [[totalOf(1, 10)]];
      snapshot.rowPages = [[rowOf(7, 2, [[1, 1]])]];
      const { sequences } = await loader.restoreInto(
        fresh,
        snapshot as Partial<StoreSnapshot> as StoreSnapshot,
        new KnownSeries([foreign]) as Partial<Catalog> as Catalog,
      );
      expect([fresh.valueOf(foreign), [...sequences]]).toEqual([11, [[7, 2]]]);
      expect([values(), [...applier.applied]]).toEqual([[NaN, NaN], []]);
    });
  });

  it('idle → loading → idle', async () => {
    const held = holdLoads();
    const ends = await reload();
    expect([loads, ends]).toEqual([1, []]);
    await held.release();
    expect(ends).toEqual(['ended']);
    await reload();
    expect(loads).toBe(2);
  });

  it('loading → loading: a call meanwhile loads again afterwards, and sees what was committed before it', async () => {
    const held = holdLoads();
    const first = await reload();
    const second = await reload();
    expect(loads).toBe(1);
    await held.release();
    expect([first, second, loads]).toEqual([['ended'], [], 2]);
    snapshot.totalsPages = [[totalOf(1, 10)]];
    await held.release();
    expect([second, values()]).toEqual([['ended'], [10, NaN]]);
  });

  it('loading → idle: a failure reaches its caller, and the shown values stay', async () => {
    await applier.apply([rowOf(7, 1, [[1, 4]])]);
    const held = holdLoads();
    const ends = await reload();
    await held.fail();
    expect([ends, values(), [...applier.applied]]).toEqual([['lost'], [4, NaN], [[7, 1]]]);
  });

  it('loading → loading: a failure does not reach the call after it', async () => {
    const held = holdLoads();
    const [first, second] = [await reload(), await reload()];
    await held.fail();
    await held.release();
    expect([first, second]).toEqual([['lost'], ['ended']]);
  });

  it('loading → idle: a connection that hangs ends the load at its deadline, and the next one can run', async () => {
    holdLoads();
    const ends = await reload();
    const next = await reload();
    await pass(DEADLINE_MS - 1);
    expect([ends, loads]).toEqual([[], 1]);
    beforeSnapshot = () => Promise.resolve();
    await pass(1);
    expect([ends, next, loads]).toEqual([['no answer within 300000 ms'], ['ended'], 2]);
  });
});
