import { Injectable, Logger } from '@nestjs/common';
import { DatabaseClock } from '../../../database/database-clock.js';
import { LiveValues } from '../../../live-values/live-values.js';
import { LiveValuesLoader } from '../../reading/live/live-values-loader.js';
import { ArchiveRepository } from '../archive.repository.js';
import { FutureArrivalsRepository, TOLERANCE_SECONDS } from './future-arrivals.repository.js';

/**
 * Corrects arrivals that are in the future because the clock of Postgres was set forward and back again. A gauge shows the value
 * with the newest time, which is usually the time of arrival, so it would keep such a value until the clock reaches that time.
 * Log rows would also wait until then for their compaction.
 */
@Injectable()
export class FutureArrivals {
  private readonly logger = new Logger(FutureArrivals.name);

  constructor(
    private readonly archive: ArchiveRepository,
    private readonly repository: FutureArrivalsRepository,
    private readonly loader: LiveValuesLoader,
    private readonly liveValues: LiveValues,
    private readonly clock: DatabaseClock,
  ) {}

  /**
   * Moves the arrivals back, unless another process has done so, and then reloads the live values.
   *
   * @param loadedAt the time at which the load of the live values began, by `performance.now()`, if no step of the clock has been seen since then.
   * They are reloaded only if they had an arrival in the future at that time. Nearly every start finds none, and a reload would take as
   * long as the load before.
   * @returns false if another process is working on the archive; the caller should then try again
   */
  async bringBack(loadedAt?: number): Promise<boolean> {
    const seconds = await this.archive.withLock((transaction) => this.repository.bringBack(transaction));
    if (seconds === undefined) return false;
    if (seconds > 0) {
      this.logger.warn(
        `The clock of Postgres was ahead for a while: the newest samples had arrived ${Math.round(seconds)} s in the future. ` +
          'Their arrival times were moved back by that amount.',
      );
    }
    if (loadedAt === undefined || this.wasAhead(loadedAt)) await this.loader.reload();
    return true;
  }

  /** Returns whether a live value has an arrival that was in the future at a time by `performance.now()`. */
  private wasAhead(atMs: number): boolean {
    const thenMs = this.clock.now() - (performance.now() - atMs);
    return this.liveValues.newestArrival() > thenMs + TOLERANCE_SECONDS * 1_000;
  }
}
