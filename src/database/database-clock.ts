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

  /** @param readingMs what the database's clock said just now, ms since the epoch */
  observe(readingMs: number): void {
    this.offsetMs = readingMs - Date.now();
  }
}
