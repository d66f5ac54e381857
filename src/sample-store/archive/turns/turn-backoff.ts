import { Injectable } from '@nestjs/common';

/** The first pause after a turn that failed. It doubles with each further failure. */
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 300_000;

/** Makes work in the background pause after turns that failed, because each of them leaves rows to delete. */
@Injectable()
export class TurnBackoff {
  private error: unknown;
  private pauseMs = 0;
  private until = 0;

  /**
   * @param now the time of a monotonic clock
   * @returns whether the pause after a failure lasts
   */
  isPausing(now = performance.now()): boolean {
    return this.pauseMs > 0 && now < this.until;
  }

  /** @throws the error of the last turn, as long as the pause after it lasts */
  throwIfPausing(now = performance.now()): void {
    if (this.isPausing(now)) throw this.error;
  }

  succeeded(): void {
    this.pauseMs = 0;
  }

  failed(error: unknown, now = performance.now()): void {
    this.error = error;
    this.pauseMs = Math.min(LONGEST_PAUSE_MS, this.pauseMs === 0 ? FIRST_PAUSE_MS : this.pauseMs * 2);
    this.until = now + this.pauseMs;
  }
}
