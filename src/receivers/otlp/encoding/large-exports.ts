import { StoreUnavailableError } from '../../../database/store-unavailable.error.js';

/** Smaller bodies decode to about ten megabytes at most. */
const LARGE_BYTES = 256 * 1_024;

/** Maximum number of waiting exports. Each holds only the bytes of its body, but a queue of minutes would help nobody. */
const MAX_WAITING = 32;

/**
 * Decodes large exports one after the other. A body of a few megabytes can decode to two hundred megabytes, which fit into the
 * heap once but not several times.
 */
export class LargeExports {
  private last: Promise<unknown> = Promise.resolve();
  private waiting = 0;

  /**
   * Runs a task that decodes and stores a body; at once if the body is small.
   *
   * @throws StoreUnavailableError when too many large exports wait already
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
