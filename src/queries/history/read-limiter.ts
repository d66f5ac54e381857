import { Injectable } from '@nestjs/common';
import { StoreUnavailableError } from '../../database/store-unavailable.error.js';

/** Each read holds one connection of the pool (10 by default), so the rest stays free for pushes. */
const READS_AT_ONCE = 4;

/**
 * Maximum number of requests that are being answered, including those that wait for their turn; each counts until its client has
 * the whole answer.
 */
const REQUESTS_AT_ONCE = 32;

const RETRY_AFTER_SECONDS = 2;

/**
 * Runs only a few history reads at once, lets a short queue wait, and refuses the rest with 503: reading must not block pushing.
 */
@Injectable()
export class ReadLimiter {
  private requests = 0;
  private reading = 0;
  private readonly waiting: (() => void)[] = [];

  /**
   * Admits a request.
   *
   * @param places how many usual requests it counts as; more than 1 for a request that holds as much memory as several
   * @returns a function that ends the request; further calls do nothing
   * @throws StoreUnavailableError
   */
  enter(places = 1): () => void {
    if (this.requests + places > REQUESTS_AT_ONCE) {
      throw new StoreUnavailableError(
        `${this.requests} history requests are being answered, and more would slow down pushes. Try again after Retry-After.`,
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
   * Streams the answer of an admitted request. The request counts until the client has the whole answer, because the memory of an
   * answer is held for as long as the client reads.
   */
  async *whileAdmitted<T>(open: () => AsyncIterable<T> | Promise<AsyncIterable<T>>, places = 1): AsyncGenerator<T> {
    const leave = this.enter(places);
    try {
      yield* await open();
    } finally {
      leave();
    }
  }

  /** Runs one read when its turn comes; first come, first served. */
  async read<T>(task: () => Promise<T>): Promise<T> {
    if (this.reading < READS_AT_ONCE) this.reading++;
    else await new Promise<void>((resolve) => this.waiting.push(resolve));
    try {
      return await task();
    } finally {
      // The place is passed on rather than returned, so no other read can take it in between.
      const next = this.waiting.shift();
      if (next === undefined) this.reading--;
      else next();
    }
  }
}
