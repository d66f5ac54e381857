import type { Logger } from '@nestjs/common';
import type { Partition } from '../chunk/chunk-partitions.js';
import { DAY_MS } from '../../../scheduling/units-of-time.js';

/** What is dropped in a day beyond what falls due: enough to catch up after a pause of the service, too little for a wrong clock. */
const DAYS_OF_BACKLOG_A_DAY = 2;

/**
 * Decides how much of what is past retention is dropped now.
 *
 * In the usual course a day's worth falls due each day. More at once means that the service was away, that RETENTION_DAYS was
 * lowered, or that the clock of Postgres was set ahead, and what is dropped is gone. So the backlog is dropped two days' worth a
 * day, by a clock that nobody can set, and beginning a day after the start; all of it once the operator has confirmed it.
 */
export class RetentionPace {
  private lastBacklogAt: number | undefined;
  private isHoldingBack = false;

  /** @param confirmedBefore what ends before this time is dropped without delay, ms since the epoch */
  constructor(
    private readonly confirmedBefore: number,
    private readonly logger: Pick<Logger, 'warn' | 'log'>,
    private readonly setHeldBack: (partitions: number) => void,
  ) {}

  /**
   * @param expired partitions past retention
   * @param uptimeMs a monotonic clock
   * @returns those to drop, the oldest first
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
      `${heldBack} partitions are older than RETENTION_DAYS, which is more than a day at once: was the clock of Postgres set ` +
        `ahead, or RETENTION_DAYS lowered? They are dropped ${DAYS_OF_BACKLOG_A_DAY} days' worth a day. If the clock is right, set ` +
        `RETENTION_CONFIRMED_BEFORE=${newest} to drop all of them now.`,
    );
  }
}

function lengthOf({ from, to }: Partition): number {
  return to - from;
}
