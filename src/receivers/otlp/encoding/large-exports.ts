import { StoreUnavailableError } from '../../../database/store-unavailable.error.js';

/** Size above which a body counts as large. Smaller bodies decode to at most about ten megabytes. */
const LARGE_BYTES = 256 * 1_024;

/**
 * Maximum number of large exports, including the one that is being processed. A waiting one holds only the bytes of its body, but
 * clients would not wait minutes for their turn.
 */
const MAX_WAITING = 32;

/**
 * Decodes large exports one after the other. A body of a few megabytes can decode to two hundred megabytes, which fit into the
 * heap once but not several times.
 */
export class LargeExports {
  private last: Promise<unknown> = Promise.resolve();
  private waiting = 0;

  /**
   * Runs a task that decodes and stores a body. A small body is processed immediately.
   *
   * @throws StoreUnavailableError if too many large exports are already waiting
   */
  async take<T>(body: Buffer, task: () => Promise<T>): Promise<T> {
    if (body.length <= LARGE_BYTES) return task();
    if (this.waiting >= MAX_WAITING) {
      throw new StoreUnavailableError(
        `${this.waiting} exports of more than ${LARGE_BYTES} bytes wait to be decoded, which is the limit. Nothing of this one was ` +
          'stored; send it again, or send fewer data points in each export.',
      );
    }
    this.waiting++;
    const result = this.last.then(task).finally(() => this.waiting--);
    this.last = result.catch(() => undefined);
    return result;
  }
}
