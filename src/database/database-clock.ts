import { Injectable } from '@nestjs/common';

/**
 * The database's clock, estimated: it decides what is old, so that processes whose own clocks differ agree. Every commit
 * brings a reading.
 */
@Injectable()
export class DatabaseClock {
  private offsetMs = 0;

  /** Milliseconds since the epoch. */
  now(): number {
    return Date.now() + this.offsetMs;
  }

  /**
   * Learns from a statement that brought a reading. It was taken at some moment of the statement, so the estimate is only
   * corrected as far as it can't be right: a statement that took a second must not move the clock by a second.
   *
   * @param readingMs what the database's clock said, ms since the epoch
   * @param startedAt when the statement was sent, by this process' clock
   */
  observe(readingMs: number, startedAt: number): void {
    const lowest = readingMs - Date.now();
    const highest = readingMs - startedAt;
    this.offsetMs = Math.min(Math.max(this.offsetMs, lowest), highest);
  }
}
