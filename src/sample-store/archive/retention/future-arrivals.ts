import { Injectable, Logger } from '@nestjs/common';
import { LiveValuesLoader } from '../../reading/live-values-loader.js';
import { ArchiveRepository } from '../archive.repository.js';
import { FutureArrivalsRepository } from './future-arrivals.repository.js';

/**
 * Mends what a clock of Postgres that was set ahead and back again has left: arrivals in the future. A gauge shows what arrived
 * last, so it would stay at a value of the future until the clock has got there, and rows of the log would wait as long for
 * their compaction.
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
   * Brings them back, unless another process has, and then shows what is stored now.
   *
   * @returns false while another process works on the archive: to be tried again
   */
  async bringBack(): Promise<boolean> {
    const seconds = await this.archive.withLock((transaction) => this.repository.bringBack(transaction));
    if (seconds === undefined) return false;
    if (seconds > 0) {
      this.logger.warn(
        `The clock of Postgres was ahead for a while: the newest samples had arrived ${Math.round(seconds)} s in the future. ` +
          'Their arrivals were moved back by that.',
      );
    }
    await this.loader.reload();
    return true;
  }
}
