import { HttpStatus } from '@nestjs/common';
import { RateLimiterMemory, type RateLimiterRes } from 'rate-limiter-flexible';
import { RetryLaterError } from '../../http/answers/errors.js';

const WINDOW_SECONDS = 60;

/**
 * Maximum number of requests that are counted in one window, and thus of addresses that are remembered. Without it, guesses from
 * very many addresses would fill the memory. This is not a setting, because only an attack reaches it, and its only effect is
 * that counting stops: wrong tokens are still refused, and valid ones always pass.
 */
const MAX_ADDRESSES = 100_000;

/** The error for an address that has sent too many requests with a wrong token. */
export class FailedAttemptsError extends RetryLaterError {
  constructor(limit: number, setting: string, retryAfterSeconds: number) {
    super(
      {
        name: 'FailedAttemptsError',
        message:
          `This address sent more than ${limit} requests a minute with a wrong token, which is the limit ` +
          `(${setting}). Requests with a valid token are not affected.`,
      },
      HttpStatus.TOO_MANY_REQUESTS,
      retryAfterSeconds,
    );
  }
}

/** Counts the requests with a wrong token for each address, in windows of one minute. */
export class FailedAttempts {
  private readonly limiter: RateLimiterMemory;
  private addresses = 0;
  private windowEndsAt = 0;

  /**
   * @param perMinute the maximum number of requests with a wrong token from one address; 0 means no limit
   * @param setting the name of the setting for this maximum, which the error message mentions
   */
  constructor(
    private readonly perMinute: number,
    private readonly setting: string,
  ) {
    this.limiter = new RateLimiterMemory({ points: Math.max(perMinute, 1), duration: WINDOW_SECONDS });
  }

  /**
   * Counts one request with a wrong token.
   *
   * @throws FailedAttemptsError if the address has sent too many
   */
  async count(address: string): Promise<void> {
    if (this.perMinute === 0) return;
    await this.refuseAfterTooMany(address);
    if (this.hasRoom()) await this.limiter.penalty(address);
  }

  /**
   * Checks whether an address may send another request, without counting one.
   *
   * @throws FailedAttemptsError if the address has sent too many requests with a wrong token
   */
  async refuseAfterTooMany(address: string): Promise<void> {
    const state = await this.limiter.get(address);
    if (this.perMinute > 0 && state !== null && state.consumedPoints >= this.perMinute) throw this.error(state);
  }

  private hasRoom(): boolean {
    const now = performance.now();
    if (now > this.windowEndsAt) {
      this.windowEndsAt = now + WINDOW_SECONDS * 1000;
      this.addresses = 0;
    }
    return this.addresses++ < MAX_ADDRESSES;
  }

  private error({ msBeforeNext }: RateLimiterRes): FailedAttemptsError {
    return new FailedAttemptsError(this.perMinute, this.setting, Math.max(1, Math.ceil(msBeforeNext / 1000)));
  }
}
