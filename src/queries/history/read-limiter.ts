import { Injectable } from '@nestjs/common';
import { StoreUnavailableError } from '../../database/store-unavailable.error.js';

/** Each read holds one connection of the pool (10 by default): the rest stays free for pushes. */
const READS_AT_ONCE = 4;

/** Requests that may be under way, reading or waiting for their turn; each counts until its client has all of the answer. */
const REQUESTS_AT_ONCE = 32;

const RETRY_AFTER_SECONDS = 2;

/** Lets few history reads run at once, a short queue wait, and refuses the rest with 503: reading must not stop pushing. */
@Injectable()
export class ReadLimiter {
  private requests = 0;
  private reading = 0;
  private readonly waiting: (() => void)[] = [];

  /**
   * Admits a request.
   *
   * @param places how many usual requests it counts as, for one that holds as much memory as several
   * @returns ends it; calling that again does nothing
   * @throws StoreUnavailableError
   */
  enter(places = 1): () => void {
    if (this.requests + places > REQUESTS_AT_ONCE) {
      throw new StoreUnavailableError(
        `${this.requests} history requests are under way, more would slow pushing down. Ask again after Retry-After.`,
        RETRY_AFTER_SECONDS,
      );
    }
    this.requests += places;
    let hasLeft = false;
    return () => {
      if (!hasLeft) this.requests -= places;
      hasLeft = true;
    };
  }

  /**
   * Streams the answer of an admitted request. It counts until the client has all of it: what an answer holds in memory is
   * held as long as the client reads.
   */
  async *whileAdmitted<T>(open: () => AsyncIterable<T> | Promise<AsyncIterable<T>>, places = 1): AsyncGenerator<T> {
    const leave = this.enter(places);
    try {
      yield* await open();
    } finally {
      leave();
    }
  }

  /** Runs one read when it is its turn, first come, first served. */
  async read<T>(task: () => Promise<T>): Promise<T> {
    if (this.reading < READS_AT_ONCE) this.reading++;
    else await new Promise<void>((resolve) => this.waiting.push(resolve));
    try {
      return await task();
    } finally {
      // The turn is handed on rather than given back, so nobody slips in between.
      const next = this.waiting.shift();
      if (next === undefined) this.reading--;
      else next();
    }
  }
}
