import { HttpStatus } from '@nestjs/common';
import { RetryLaterError } from '../../http/answers/errors.js';

/** The error for a scrape that exceeds the maximum number of concurrent scrapes. */
export class ScrapesBusyError extends RetryLaterError {
  constructor(limit: number) {
    const message = `${limit} scrapes are being answered, which is the limit (METRICS_MAX_SCRAPES). Try again later.`;
    super({ name: 'ScrapesBusyError', message }, HttpStatus.SERVICE_UNAVAILABLE, 1);
  }
}
