/**
 * Number of sockets that are written to in one round of the event loop, with 64 KiB for each, which takes about a millisecond. A
 * hundred writes take so long that new connections, of which libuv accepts one in a round, wait for a second or more.
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
