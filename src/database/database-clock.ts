import { Injectable, Logger } from '@nestjs/common';

/** Two readings that differ by more than this from what passed between them mean that the clock was set, and not corrected. */
const STEP_TOLERANCE_MS = 1_000;

/**
 * The database's clock, estimated: it decides what is old, so that processes whose own clocks differ agree. Readings come with
 * the look of every quarter of a second and with every commit; between them a clock of this process goes on that nobody can
 * set.
 */
@Injectable()
export class DatabaseClock {
  private readonly logger = new Logger(DatabaseClock.name);
  /** Until the first reading, this machine's clock has to do. */
  private offsetMs = Date.now() - performance.now();
  private hasReading = false;
  private stepCount = 0;

  /** Milliseconds since the epoch, whole ones. */
  now(): number {
    return Math.floor(performance.now() + this.offsetMs);
  }

  /** How often the clock was set, ahead or back, since this process has read it first. */
  get steps(): number {
    return this.stepCount;
  }

  /** By how much the database's clock is ahead of this machine's, in milliseconds. */
  get aheadMs(): number {
    return this.now() - Date.now();
  }

  /**
   * Learns from a statement that brought a reading. It was taken at some moment of the statement, so the estimate is only
   * corrected as far as it can't be right: a statement that took a second must not move the clock by a second.
   *
   * @param readingMs what the database's clock said, ms since the epoch
   * @param startedAt when the statement was sent, by `performance.now()`
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
    this.logger.warn(
      `The clock of Postgres was set ${byMs > 0 ? 'ahead' : 'back'} by ${(Math.abs(byMs) / 1000).toFixed(1)} s. ` +
        'Samples without a time of their own get their time from it.',
    );
  }
}
