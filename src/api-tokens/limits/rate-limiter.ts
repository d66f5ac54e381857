import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import { RateLimitError } from '../../http/answers/errors.js';

const WINDOW_SECONDS = 60;

/** Limits the number of requests to this process for each token, in windows of one minute. */
export class RateLimiter {
  private readonly limiter: RateLimiterMemory;

  /** @param perMinute the maximum number of requests; 0 means no limit */
  constructor(private readonly perMinute: number) {
    this.limiter = new RateLimiterMemory({ points: Math.max(perMinute, 1), duration: WINDOW_SECONDS });
  }

  /**
   * Counts one request.
   *
   * @param setHeader receives the `RateLimit` headers (draft-6, as Unleash sends them), even if the request is refused
   * @throws RateLimitError
   */
  async consume(key: string | number, setHeader: (name: string, value: string) => void): Promise<void> {
    if (this.perMinute === 0) return;
    try {
      this.setHeaders(await this.limiter.consume(key), setHeader);
    } catch (error) {
      if (!(error instanceof RateLimiterRes)) throw error;
      this.setHeaders(error, setHeader);
      throw new RateLimitError(this.perMinute, secondsOf(error));
    }
  }

  private setHeaders(state: RateLimiterRes, setHeader: (name: string, value: string) => void): void {
    setHeader('RateLimit-Policy', `${this.perMinute};w=${WINDOW_SECONDS}`);
    setHeader('RateLimit-Limit', String(this.perMinute));
    setHeader('RateLimit-Remaining', String(Math.max(state.remainingPoints, 0)));
    setHeader('RateLimit-Reset', String(secondsOf(state)));
  }
}

function secondsOf({ msBeforeNext }: RateLimiterRes): number {
  return Math.max(1, Math.ceil(msBeforeNext / 1000));
}
