import { HttpStatus } from '@nestjs/common';
import { RetryLaterError } from '../../../http/answers/errors.js';

const RETRY_SECONDS = 5;

/** Thrown when this process already serves the maximum number of streams. */
export class LiveStreamsError extends RetryLaterError {
  constructor(limit: number) {
    super(
      {
        message:
          `This process serves at most ${limit} streams at once (HISTORY_LIVE_STREAMS) and cannot open another one now. Try ` +
          'again after Retry-After.',
      },
      HttpStatus.SERVICE_UNAVAILABLE,
      RETRY_SECONDS,
    );
  }
}

/** Thrown when a token already has its share of the streams. */
export class LiveStreamsShareError extends RetryLaterError {
  constructor() {
    super(
      {
        message:
          'This token has too many open streams. It can use at most three quarters of HISTORY_LIVE_STREAMS. Close one, or try again ' +
          'after Retry-After.',
      },
      HttpStatus.TOO_MANY_REQUESTS,
      RETRY_SECONDS,
    );
  }
}
