/** Minimum share of the whole wait that each step gets. */
const LEAST_SHARE = 0.1;

/** Minimum time in milliseconds that each step gets, unless the whole wait is shorter. */
const LEAST_MS = 250;

/** Minimum wait for anything but a commit, because a busy machine may need this long for any statement. */
const SHORTEST_WAIT_MS = 1_000;

/** A statement that Postgres answers within this time counts as work and not as waiting. */
const WORK_MS = 1_000;

/**
 * Maximum total time that counts as work for one request. Without a maximum, it could be held forever, and no client waits that
 * long.
 */
const MOST_WORK_MS = 60_000;

/**
 * Measures how long one request has waited for Postgres. All steps of the request share one wait, because the client gives up
 * after some time, regardless of which step is slow.
 */
export class StoreWait {
  private since: number;
  private workedMs = 0;

  /** @param waitedMs how long the request has waited before */
  constructor(waitedMs = 0) {
    this.since = performance.now() - waitedMs;
  }

  /** The time at which the wait began, by `performance.now()`. Work moves it forward. */
  get startedAt(): number {
    return this.since;
  }

  /**
   * Subtracts the time of a statement from the wait if Postgres has answered quickly. Creating very many series takes many
   * statements, and a request for them would otherwise be refused although Postgres is available.
   */
  noteAnswer(ms: number): void {
    const worked = ms > WORK_MS ? 0 : Math.min(ms, MOST_WORK_MS - this.workedMs);
    this.workedMs += worked;
    this.since = Math.min(this.since + worked, performance.now());
  }

  /** Returns whether the request has waited for `waitMs` or longer. */
  isOver(waitMs: number): boolean {
    return performance.now() - this.since >= waitMs;
  }
}

/**
 * Returns how many milliseconds a request may wait for Postgres for anything but its commit. New tokens, for instance, must not
 * be refused because `STORE_WAIT_MS` is very short.
 */
export function usableWait(waitMs: number): number {
  return Math.max(waitMs, SHORTEST_WAIT_MS);
}

/**
 * Returns the time in milliseconds after which Postgres cancels a statement. Its error then arrives before the wait of the
 * request is over, and proves that the statement has changed nothing.
 */
export function statementTimeout(waitMs: number): number {
  const usable = usableWait(waitMs);
  return Math.floor(usable - leastTime(usable));
}

/**
 * Returns how long the next step of a request may wait for Postgres, in milliseconds. A step gets a little time even if earlier
 * steps have used up the wait. Otherwise a request that took long for other reasons would be refused although Postgres is
 * available.
 *
 * @param waitMs the time that the request may wait in all its steps together
 */
export function timeLeft(waitMs: number, wait = new StoreWait()): number {
  return Math.max(waitMs - (performance.now() - wait.startedAt), leastTime(waitMs));
}

/**
 * Returns the minimum time in milliseconds that each step of a request gets, even the last one. Postgres cancels a statement this
 * long before the wait is over, so that this time remains for a step after it.
 */
export function leastTime(waitMs: number): number {
  return Math.min(waitMs, Math.max(waitMs * LEAST_SHARE, LEAST_MS));
}
