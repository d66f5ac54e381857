import { PrometheusError } from './prometheus.error.js';

/**
 * Maximum number of items in all answers that are being sent. It keeps clients that read slowly from occupying more than about 32
 * MB of references.
 */
const MAX_HELD_ITEMS = 4_000_000;

/** Maximum number of items of an answer that is always sent, because it needs less memory than its connection does. */
const SMALL_ANSWER = 10_000;

const RETRY_AFTER_SECONDS = 5;

/** Limits the memory of listings that wait for their clients to read them. */
export class AnswerBudget {
  private held = 0;

  /**
   * Counts the items of an answer until it is sent.
   *
   * @returns a function that releases them; further calls do nothing
   * @throws PrometheusError
   */
  hold(items: number): () => void {
    if (items <= SMALL_ANSWER) return () => undefined;
    // An answer can be larger than the budget if it is the only one.
    if (this.held > 0 && this.held + items > MAX_HELD_ITEMS) {
      throw new PrometheusError(
        'unavailable',
        `Listings with ${this.held} items are being sent, and more would need too much memory. Try again after Retry-After, or use limit.`,
        RETRY_AFTER_SECONDS,
      );
    }
    this.held += items;
    let isHeld = true;
    return () => {
      if (isHeld) this.held -= items;
      isHeld = false;
    };
  }
}
