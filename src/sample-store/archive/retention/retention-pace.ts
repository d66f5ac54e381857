import type { Logger } from '@nestjs/common';
import type { Partition } from '../chunk/chunk-partitions.js';
import { DAY_MS } from '../../../scheduling/units-of-time.js';

/**
 * Number of days of a backlog that are dropped in one day. This is enough to catch up after downtime, but too little for a
 * wrong clock to do much harm.
 */
const DAYS_OF_BACKLOG_A_DAY = 2;

/**
 * Decides which of the partitions past retention are dropped now.
 *
 * Normally, one day of data expires each day. If more expires at once, the service was down, RETENTION_DAYS was lowered, or the
 * clock of Postgres was set forward, and dropped data can't be restored. A backlog is therefore dropped at two days of data a
 * day, measured by a monotonic clock and beginning a day after the start, or all at once if the operator has confirmed it.
 */
export class RetentionPace {
  private lastBacklogAt: number | undefined;
  private isHoldingBack = false;

  /** @param confirmedBefore partitions that end before this time, in milliseconds since the epoch, are dropped without delay */
  constructor(
    private readonly confirmedBefore: number,
    private readonly logger: Pick<Logger, 'warn' | 'log'>,
    private readonly setHeldBack: (partitions: number) => void,
  ) {}

  /**
   * Chooses the partitions to drop.
   *
   * @param expired the partitions past retention
   * @param uptimeMs the time of a monotonic clock
   * @returns the partitions to drop, the oldest first
   */
  choose(expired: readonly Partition[], uptimeMs: number): Partition[] {
    this.lastBacklogAt ??= uptimeMs;
    const oldestFirst = expired.toSorted((a, b) => a.to - b.to);
    const confirmed = oldestFirst.filter(({ to }) => to <= this.confirmedBefore);
    const others = oldestFirst.slice(confirmed.length);
    const isBacklog = others.length > 0 && others.at(-1)!.to - others[0]!.from > Math.max(DAY_MS, lengthOf(others[0]!));
    if (!isBacklog) {
      this.note(0, expired);
      return oldestFirst;
    }
    let due: Partition[] = [];
    if (uptimeMs - this.lastBacklogAt >= DAY_MS) {
      this.lastBacklogAt = uptimeMs;
      const until = others[0]!.from + Math.max(DAYS_OF_BACKLOG_A_DAY * DAY_MS, lengthOf(others[0]!));
      due = others.filter(({ to }) => to <= until);
    }
    this.note(others.length - due.length, others);
    return [...confirmed, ...due];
  }

  private note(heldBack: number, expired: readonly Partition[]): void {
    this.setHeldBack(heldBack);
    if (heldBack === 0) this.isHoldingBack = false;
    if (heldBack === 0 || this.isHoldingBack) return;
    this.isHoldingBack = true;
    const newest = new Date(Math.max(...expired.map(({ to }) => to))).toISOString();
    this.logger.warn(
      `${heldBack} partitions are older than RETENTION_DAYS, and together they hold more than a day. Was the clock of Postgres set ` +
        `ahead, or RETENTION_DAYS lowered? They are dropped at ${DAYS_OF_BACKLOG_A_DAY} days of data a day. If the clock is right, set ` +
        `RETENTION_CONFIRMED_BEFORE=${newest} to drop all of them now.`,
    );
  }
}

function lengthOf({ from, to }: Partition): number {
  return to - from;
}
