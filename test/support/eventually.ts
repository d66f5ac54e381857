import { setTimeout as sleep } from 'node:timers/promises';

/** Maximum wait for a check to pass. Most checks pass within a fraction of a second, but need longer on a busy machine. */
const LIMIT_MS = 20_000;

interface Waiting {
  readonly limitMs?: number;
  readonly intervalMs?: number;
}

/**
 * Runs a check repeatedly until it passes.
 *
 * @returns what the check returned
 * @throws what the check threw last, if it does not pass in time
 */
export async function eventually<T>(
  check: () => T | Promise<T>,
  { limitMs = LIMIT_MS, intervalMs = 50 }: Waiting = {},
): Promise<T> {
  for (const deadline = Date.now() + limitMs; ; await sleep(intervalMs)) {
    // A slow check may report a state from before the deadline, so the last check must begin after the deadline.
    const beganAt = Date.now();
    try {
      return await check();
    } catch (error) {
      if (beganAt > deadline) throw error;
    }
  }
}
