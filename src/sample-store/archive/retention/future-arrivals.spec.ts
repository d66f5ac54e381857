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
   */
  function bringBack(moved: number | undefined): Promise<boolean> {
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
    ).bringBack();
  }

  /** Applies a row that arrived at a time, in milliseconds after now. */
  function receive(afterMs: number): void {
    const { writerId, sequence, values } = rowOf(7, 1, [[1, 1]]);
    const receivedAt = clock.now() + afterMs;
    live.apply({ series: [seriesOf(1)], values, timestamps: null, receivedAt, writerId, sequence });
  }

  it('are read again after they were moved', async () => {
    expect(await bringBack(3_600)).toBe(true);
    expect(reloads).toBe(1);
  });

  it('are read again if another process has moved them since they were read', async () => {
    receive(MINUTE_MS);
    expect(await bringBack(0)).toBe(true);
    expect(reloads).toBe(1);
  });

  it('are not looked for again where there are none, because reading everything takes as long as a start', async () => {
    receive(0);
    expect(await bringBack(0)).toBe(true);
    expect(reloads).toBe(0);
  });

  it('are left to another process that works on the archive', async () => {
    receive(MINUTE_MS);
    expect(await bringBack(undefined)).toBe(false);
    expect(reloads).toBe(0);
  });
});
