import { rowOf } from '../../../../test/support/machines/log-rows.js';
import { seriesOf } from '../../../../test/support/machines/series.js';
import { DatabaseClock } from '../../../database/database-clock.js';
import { LiveValues } from '../../../live-values/live-values.js';
import type { LiveValuesLoader } from '../../reading/live/live-values-loader.js';
import type { ArchiveRepository } from '../archive.repository.js';
import { FutureArrivals } from './future-arrivals.js';
import type { FutureArrivalsRepository } from './future-arrivals.repository.js';

const MINUTE_MS = 60_000;

describe('arrivals in the future', () => {
  const clock = new DatabaseClock();
  let live: LiveValues;
  let reloads: number;

  beforeEach(() => {
    live = new LiveValues();
    reloads = 0;
  });

  /**
   * Corrects the arrivals of a store.
   *
   * @param moved the number of seconds by which the store was corrected; undefined if another process works on the archive
   * @param loadedMsAgo for the check that belongs to a load; undefined after a step of the clock
   */
  function bringBack(moved: number | undefined, loadedMsAgo?: number): Promise<boolean> {
    const archive: Pick<ArchiveRepository, 'withLock'> = {
      withLock: <T>() => Promise.resolve(moved as T | undefined),
    };
    const loader: Pick<LiveValuesLoader, 'reload'> = {
      reload: () => {
        reloads++;
        return Promise.resolve();
      },
    };
    const repository: Partial<FutureArrivalsRepository> = {};
    return new FutureArrivals(
      archive as ArchiveRepository,
      repository as FutureArrivalsRepository,
      loader as LiveValuesLoader,
      live,
      clock,
    ).bringBack(loadedMsAgo === undefined ? undefined : performance.now() - loadedMsAgo);
  }

  /** Applies a row that arrives the given number of milliseconds after now. */
  function receive(afterMs: number): void {
    const { writerId, sequence, values } = rowOf(7, 1, [[1, 1]]);
    const receivedAt = clock.now() + afterMs;
    live.apply({ series: [seriesOf(1)], values, timestamps: null, receivedAt, writerId, sequence });
  }

  it('are always read again after a step of the clock, because they may have been moved and reached since', async () => {
    receive(0);
    for (const moved of [0, 3_600]) expect(await bringBack(moved)).toBe(true);
    expect(reloads).toBe(2);
  });

  it.each([
    ['are still in the future', MINUTE_MS, 1_000],
    ['were in the future when they were read', -1_000, 20_000],
  ])('are read again after a load if they %s', async (_, afterMs, loadedMsAgo) => {
    receive(afterMs);
    // Another process may have moved them.
    expect(await bringBack(0, loadedMsAgo)).toBe(true);
    expect(reloads).toBe(1);
  });

  it('are not read again after a load that found none, because that takes as long as a start', async () => {
    receive(0);
    expect(await bringBack(0, 1_000)).toBe(true);
    expect(reloads).toBe(0);
  });

  it('are left to another process that works on the archive', async () => {
    receive(MINUTE_MS);
    expect(await bringBack(undefined, 1_000)).toBe(false);
    expect(reloads).toBe(0);
  });
});
