import { PrometheusError } from './answers/prometheus.error.js';

/**
 * Maximum number of waiting requests for each running one: a dashboard of twenty panels sends them all at once, and each waits
 * its turn.
 */
const WAITING_PER_RUNNING = 50;

const RETRY_AFTER_SECONDS = 2;

/**
 * Runs a few requests at once and lets the others wait in the order of their arrival. It refuses requests of a token that has too
 * many, and requests that would wait in too long a queue.
 */
export class QueryLimiter {
  private running = 0;
  private readonly waiting = new Set<() => void>();
  private readonly underWayByToken = new Map<number, number>();

  /**
   * @param atOnce maximum number of running requests
   * @param perToken maximum number of running and waiting requests of one token
   */
  constructor(
    private readonly atOnce: number,
    private readonly perToken: number,
  ) {}

  /**
   * Waits for a request's turn.
   *
   * @param signal ends the waiting
   * @returns a function that ends the turn; further calls do nothing
   * @throws PrometheusError, or the signal's reason
   */
  async enter(tokenId: number, signal: AbortSignal): Promise<() => void> {
    const underWay = this.underWayByToken.get(tokenId) ?? 0;
    if (underWay >= this.perToken) {
      throw new PrometheusError(
        'too_many_requests',
        `${underWay} queries of this token are in progress, the limit (PROMQL_QUERIES_PER_TOKEN) is ${this.perToken}. Try again after Retry-After.`,
        RETRY_AFTER_SECONDS,
      );
    }
    if (this.waiting.size >= this.atOnce * WAITING_PER_RUNNING) {
      throw new PrometheusError(
        'unavailable',
        `${this.waiting.size} queries are waiting, and ${this.atOnce} run at once. Try again after Retry-After.`,
        RETRY_AFTER_SECONDS,
      );
    }
    this.underWayByToken.set(tokenId, underWay + 1);
    try {
      if (this.running < this.atOnce) this.running++;
      else await this.turn(signal);
    } catch (error) {
      this.forget(tokenId);
      throw error;
    }
    let hasLeft = false;
    return () => {
      if (hasLeft) return;
      hasLeft = true;
      this.forget(tokenId);
      // The turn is passed on rather than returned, so no other request can take it in between.
      const [next] = this.waiting;
      if (next === undefined) this.running--;
      else next();
    };
  }

  private turn(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const leave = () => {
        this.waiting.delete(begin);
        signal.removeEventListener('abort', giveUp);
      };
      const begin = () => {
        leave();
        resolve();
      };
      const giveUp = () => {
        leave();
        reject(signal.reason as Error);
      };
      if (signal.aborted) {
        reject(signal.reason as Error);
        return;
      }
      this.waiting.add(begin);
      signal.addEventListener('abort', giveUp);
    });
  }

  private forget(tokenId: number): void {
    const left = this.underWayByToken.get(tokenId)! - 1;
    if (left === 0) this.underWayByToken.delete(tokenId);
    else this.underWayByToken.set(tokenId, left);
  }
}
