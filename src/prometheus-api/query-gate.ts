import { Inject, Injectable } from '@nestjs/common';
import { CUSTOM_METRICS_OPTIONS, type CustomMetricsOptions } from '../custom-metrics.options.js';
import { PrometheusError } from './prometheus.error.js';

/** Queries that wait for one worker: a dashboard of twenty panels sends them all at once, and each waits its turn. */
const WAITING_PER_WORKER = 50;

const RETRY_AFTER_SECONDS = 2;

/**
 * Lets as many queries run as there are workers, the others wait in the order of their arrival; refuses what one token has
 * too many of, and what would wait in too long a queue.
 */
@Injectable()
export class QueryGate {
  private running = 0;
  private readonly waiting = new Set<() => void>();
  private readonly underWayByToken = new Map<number, number>();

  constructor(@Inject(CUSTOM_METRICS_OPTIONS) private readonly options: CustomMetricsOptions) {}

  /**
   * Waits for a query's turn.
   *
   * @param signal ends the waiting
   * @returns ends the turn; calling that again does nothing
   * @throws PrometheusError, or the signal's reason
   */
  async enter(tokenId: number, signal: AbortSignal): Promise<() => void> {
    const { workers, queriesPerToken } = this.options.promql;
    const underWay = this.underWayByToken.get(tokenId) ?? 0;
    if (underWay >= queriesPerToken) {
      throw new PrometheusError(
        'too_many_requests',
        `${underWay} queries of this token are under way, the limit (PROMQL_QUERIES_PER_TOKEN) is ${queriesPerToken}. Ask again after Retry-After.`,
        RETRY_AFTER_SECONDS,
      );
    }
    if (this.waiting.size >= workers * WAITING_PER_WORKER) {
      throw new PrometheusError(
        'unavailable',
        `${this.waiting.size} queries wait for one of ${workers} workers (PROMQL_WORKERS). Ask again after Retry-After.`,
        RETRY_AFTER_SECONDS,
      );
    }
    this.underWayByToken.set(tokenId, underWay + 1);
    try {
      if (this.running < workers) this.running++;
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
      // The turn is handed on rather than given back, so nobody slips in between.
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
