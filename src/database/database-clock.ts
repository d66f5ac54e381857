import { Injectable, Logger } from '@nestjs/common';

/** A change of the estimate by more than this means that the clock was set, and not merely adjusted for drift. */
const STEP_TOLERANCE_MS = 1_000;

/** Two clocks that differ by less than this agree with each other. Clocks without synchronisation drift by seconds a day. */
const AGREEMENT_MS = 60_000;

/**
 * Estimates the database's clock. The age of data is measured by that clock, so that processes agree even if their own clocks
 * differ. Every poll (four times a second) and every commit yields a reading; between readings the estimate advances with this
 * process's monotonic clock.
 */
@Injectable()
export class DatabaseClock {
  private readonly logger = new Logger(DatabaseClock.name);
  /** Until the first reading, the estimate is this machine's clock. */
  private offsetMs = Date.now() - performance.now();
  private hasReading = false;
  private stepCount = 0;
  /** True after the database's clock was set from a time that agreed with this machine's clock to one that does not. */
  private isDoubtful = false;

  /** Returns whole milliseconds since the epoch. */
  now(): number {
    return Math.floor(performance.now() + this.offsetMs);
  }

  /**
   * Returns the time by which tokens expire, in whole milliseconds since the epoch. It is the database's, unless that was set to a
   * wrong time while this process was watching. A client whose valid token is refused may never send again.
   */
  nowForExpiry(): number {
    return this.isDoubtful && Math.abs(this.aheadMs) > AGREEMENT_MS ? Date.now() : this.now();
  }

  /** The number of times that the clock was set forward or back since the first reading of this process. */
  get steps(): number {
    return this.stepCount;
  }

  /** The number of milliseconds by which the database's clock is ahead of this machine's. */
  get aheadMs(): number {
    return this.now() - Date.now();
  }

  /**
   * Updates the estimate with a reading. The reading was taken at an unknown moment during the statement, so the estimate is
   * corrected only if it is outside the possible range: a statement that took a second must not move the clock by a second.
   *
   * @param readingMs the database's clock in milliseconds since the epoch
   * @param startedAt the time at which the statement was sent, by `performance.now()`
   */
  observe(readingMs: number, startedAt: number): void {
    const lowest = readingMs - performance.now();
    const highest = readingMs - startedAt;
    const before = this.offsetMs;
    this.offsetMs = Math.min(Math.max(before, lowest), highest);
    if (this.hasReading) this.noteStep(this.offsetMs - before);
    this.hasReading = true;
  }

  private noteStep(byMs: number): void {
    if (Math.abs(byMs) <= STEP_TOLERANCE_MS) return;
    this.stepCount++;
    const { aheadMs } = this;
    // Several steps may lead away from the right time, so the doubt lasts until the clocks agree again.
    this.isDoubtful = Math.abs(aheadMs) > AGREEMENT_MS && (this.isDoubtful || Math.abs(aheadMs - byMs) <= AGREEMENT_MS);
    this.logger.warn(
      `The clock of Postgres was set ${byMs > 0 ? 'ahead' : 'back'} by ${(Math.abs(byMs) / 1000).toFixed(1)} s. ` +
        'Samples without a timestamp get their time from it.',
    );
  }
}
