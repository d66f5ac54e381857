import { PrometheusError } from './answers/prometheus.error.js';

/**
 * Maximum number of waiting requests for each running one. A dashboard sends the queries of twenty panels at once, and each waits
 * for its turn.
 */
const WAITING_PER_RUNNING = 50;

const RETRY_AFTER_SECONDS = 2;

/** A request that waits for its turn. */
interface Waiting {
  readonly tokenId: number;
  readonly begin: () => void;
}

/**
 * Runs a few requests at once and queues the rest. The next turn goes to the token with the fewest running requests, or, if
 * several have equally few, to the request that has waited longest. A request is refused if its token already has too many, or if
 * the queue is full.
 */
export class QueryLimiter {
  private running = 0;
  private readonly waiting = new Set<Waiting>();
  private readonly runningByToken = new Map<number, number>();
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
   * @param signal ends the wait
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
    count(this.underWayByToken, tokenId, 1);
    try {
      if (this.running < this.atOnce) this.running++;
      else await this.turn(tokenId, signal);
    } catch (error) {
      this.forget(tokenId);
      throw error;
    }
    count(this.runningByToken, tokenId, 1);
    let hasLeft = false;
    return () => {
      if (hasLeft) return;
      hasLeft = true;
      count(this.runningByToken, tokenId, -1);
      this.forget(tokenId);
      // The turn is passed on rather than returned, so no other request can take it in between.
      const next = this.next();
      if (next === undefined) this.running--;
      else next.begin();
    };
  }

  /** Returns the waiting request whose token has the fewest running ones; of several, the one that has waited longest. */
  private next(): Waiting | undefined {
    let next: Waiting | undefined;
    let fewest = Infinity;
    for (const each of this.waiting) {
      const running = this.runningByToken.get(each.tokenId) ?? 0;
      if (running >= fewest) continue;
      next = each;
      fewest = running;
      if (fewest === 0) break;
    }
    return next;
  }

  private turn(tokenId: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const leave = () => {
        this.waiting.delete(entry);
        signal.removeEventListener('abort', giveUp);
      };
      const begin = () => {
        leave();
        resolve();
      };
      const entry = { tokenId, begin };
      const giveUp = () => {
        leave();
        reject(signal.reason as Error);
      };
      if (signal.aborted) {
        reject(signal.reason as Error);
        return;
      }
      this.waiting.add(entry);
      signal.addEventListener('abort', giveUp);
    });
  }

  private forget(tokenId: number): void {
    count(this.underWayByToken, tokenId, -1);
  }
}

function count(counts: Map<number, number>, tokenId: number, change: number): void {
  const left = (counts.get(tokenId) ?? 0) + change;
  if (left === 0) counts.delete(tokenId);
  else counts.set(tokenId, left);
}
