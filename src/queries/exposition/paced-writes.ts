/**
 * Maximum number of chunks that are written to sockets in one round of the event loop. Four chunks of 64 KiB take about a
 * millisecond. With a hundred in each round, new connections would wait for a second or more, because libuv accepts only one
 * connection per round.
 */
const WRITES_PER_ROUND = 4;

/** Spreads the writes of many answers over rounds of the event loop, in the order of their requests. */
export class PacedWrites {
  private readonly waiting: (() => void)[] = [];
  private left = WRITES_PER_ROUND;
  private isScheduled = false;

  /** Waits until the next write is allowed. */
  next(): Promise<void> {
    this.schedule();
    if (this.left > 0) {
      this.left--;
      return Promise.resolve();
    }
    return new Promise((resolve) => this.waiting.push(resolve));
  }

  private schedule(): void {
    if (this.isScheduled) return;
    this.isScheduled = true;
    setImmediate(() => {
      this.isScheduled = false;
      const resumed = this.waiting.splice(0, WRITES_PER_ROUND);
      this.left = WRITES_PER_ROUND - resumed.length;
      if (resumed.length > 0) this.schedule();
      for (const resume of resumed) resume();
    });
  }
}
