const FIRST_MS = 1_000;
const MOST_MS = 60_000;

/**
 * Returns the wait before the next attempt: exponential with full jitter, so that clients which failed at the same time do not
 * retry at the same time. If the server sent `Retry-After`, that time plus a jitter of up to a second replaces the backoff.
 *
 * Source: M. Brooker, Exponential Backoff and Jitter (AWS Architecture Blog, 2015).
 *
 * @param failures the number of consecutive failed attempts, starting at 1
 */
export function backoffMs(failures: number, retryAfterMs: number, random = Math.random): number {
  const most = Math.min(MOST_MS, FIRST_MS * 2 ** (failures - 1));
  return retryAfterMs > 0 ? retryAfterMs + random() * FIRST_MS : random() * most;
}
