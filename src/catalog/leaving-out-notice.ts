import { Logger } from '@nestjs/common';
import type { CatalogIndex } from './catalog-index.js';

/** Logs once that this process has no memory for some series. Once is enough, because this does not change until a restart. */
export class LeavingOutNotice {
  private readonly logger: Logger;
  private isLogged = false;

  /**
   * @param context the name that the log shows next to the message
   * @param limitBytes the memory limit for series, in bytes
   */
  constructor(
    context: string,
    private readonly limitBytes: number,
  ) {
    this.logger = new Logger(context);
  }

  /**
   * Logs the message if something is left out of an index and the message was not logged before.
   *
   * @param stored the number of series in the database, or undefined if it is unknown
   */
  note(index: CatalogIndex, stored?: number): void {
    if (index.isComplete || this.isLogged) return;
    this.isLogged = true;
    this.logger.error(
      `This process does not have enough memory for all series: it holds ${index.seriesCount}${stored === undefined ? '' : ` of ${stored}`} ` +
        `(SERIES_MEMORY_LIMIT is ${Math.round(this.limitBytes / 1024 ** 2)} MiB). The others are refused, and ` +
        'their metrics are not shown. Raise the limit and the heap, or remove metrics, and restart it.',
    );
  }
}
