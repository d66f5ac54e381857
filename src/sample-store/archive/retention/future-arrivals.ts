import { Injectable, Logger } from '@nestjs/common';
import { LiveValuesLoader } from '../../reading/live/live-values-loader.js';
import { ArchiveRepository } from '../archive.repository.js';
import { FutureArrivalsRepository } from './future-arrivals.repository.js';

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
  ) {}

  /**
   * Moves the arrivals back, unless another process has done so, and then reloads the live values.
   *
   * @returns false if another process is working on the archive; the caller should then try again
   */
  async bringBack(): Promise<boolean> {
    const seconds = await this.archive.withLock((transaction) => this.repository.bringBack(transaction));
    if (seconds === undefined) return false;
    if (seconds > 0) {
      this.logger.warn(
        `The clock of Postgres was ahead for a while: the newest samples had arrived ${Math.round(seconds)} s in the future. ` +
          'Their arrival times were moved back by that amount.',
      );
    }
    await this.loader.reload();
    return true;
  }
}
