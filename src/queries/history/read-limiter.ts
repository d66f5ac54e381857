import { Inject, Injectable } from '@nestjs/common';
import { CUSTOM_METRICS_OPTIONS, type CustomMetricsOptions } from '../../custom-metrics.options.js';
import { errorCodeOf, isOutage, otherServerOf } from '../../database/outage.js';
import { statementTimeout } from '../../database/store-wait.js';
import { StoreUnavailableError } from '../../database/store-unavailable.error.js';

const RETRY_AFTER_SECONDS = 2;

/** The error of a read that has taken too long, which says nothing about others. */
const QUERY_CANCELED = '57014';

/** A read that waits for its turn. */
interface WaitingRead {
  /** By `performance.now()`. */
  readonly since: number;
  readonly begin: () => void;
  readonly fail: (error: unknown) => void;
}

/**
 * Admits a limited number of history requests, and refuses the rest with 503. Only a few reads of admitted requests run at the
 * same time, and the others wait for their turn. The reason for both limits is that reading must not block pushing.
 */
@Injectable()
export class ReadLimiter {
  private requests = 0;
  private reading = 0;
  private readonly waiting: WaitingRead[] = [];
  private readonly limits: Pick<CustomMetricsOptions['history'], 'requestsAtOnce' | 'readsAtOnce'>;
  private readonly waitMs: number;

  constructor(@Inject(CUSTOM_METRICS_OPTIONS) { history, store }: Pick<CustomMetricsOptions, 'history' | 'store'>) {
    this.limits = history;
    this.waitMs = store.waitMs;
  }

  /**
   * Admits a request.
   *
   * @param places the number of places that the request takes; more than 1 if it needs as much memory as several ordinary
   *   requests
   * @returns a function that ends the request; further calls do nothing
   * @throws StoreUnavailableError
   */
  enter(places = 1): () => void {
    if (this.requests + places > this.limits.requestsAtOnce) {
      throw new StoreUnavailableError(
        `${this.requests} history requests are being answered, and the limit (HISTORY_REQUESTS_AT_ONCE) is ${this.limits.requestsAtOnce}. Try again after Retry-After.`,
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
   * Streams the answer of an admitted request. The request counts until the client has received the whole answer, because the
   * memory of an answer is held until then.
   */
  async *whileAdmitted<T>(open: () => AsyncIterable<T> | Promise<AsyncIterable<T>>, places = 1): AsyncGenerator<T> {
    const leave = this.enter(places);
    try {
      yield* await open();
    } finally {
      leave();
    }
  }

  /**
   * Runs one read when its turn comes. Turns are in the order of arrival.
   *
   * @throws the error of an earlier read, if Postgres has not answered for as long as this read may wait
   */
  async read<T>(task: () => Promise<T>): Promise<T> {
    if (this.reading < this.limits.readsAtOnce) this.reading++;
    else {
      await new Promise<void>((begin, fail) => this.waiting.push({ since: performance.now(), begin, fail }));
    }
    try {
      return await task();
    } catch (error) {
      if (isWholeOutage(error)) this.failOverdue(error);
      throw error;
    } finally {
      // The place is passed on rather than returned, so no other read can take it in between.
      const next = this.waiting.shift();
      if (next === undefined) this.reading--;
      else next.begin();
    }
  }

  /**
   * Fails the reads that have waited for nearly as long as a request may wait for Postgres. In an outage, each read that runs takes
   * this time, so a read that waited for its turn and then for Postgres would be held for many times as long.
   */
  private failOverdue(error: unknown): void {
    const waitingBefore = performance.now() - statementTimeout(this.waitMs);
    while (this.waiting.length > 0 && this.waiting[0]!.since <= waitingBefore) this.waiting.shift()!.fail(error);
  }
}

/** Returns whether other reads would fail in the same way. */
function isWholeOutage(error: unknown): boolean {
  return isOutage(error) && otherServerOf(error) === undefined && errorCodeOf(error) !== QUERY_CANCELED;
}
