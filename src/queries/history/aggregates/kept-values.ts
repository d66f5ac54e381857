import { StoreUnavailableError } from '../../../database/store-unavailable.error.js';

/** Maximum number of values that the percentiles of all requests keep together: some 120 MB while their lists grow. */
const MAX_KEPT_VALUES = 10_000_000;

const RETRY_AFTER_SECONDS = 5;

/** Bounds the memory of aggregates that need every value of a range at once. */
export class KeptValues {
  private kept = 0;

  /** Opens an account for one request. */
  open(): { add: (count: number) => void; close: () => void } {
    let own = 0;
    return {
      add: (count) => {
        // A single request may keep more; HISTORY_MAX_SAMPLES limits it.
        if (this.kept > own && this.kept + count > MAX_KEPT_VALUES) {
          throw new StoreUnavailableError(
            'Other requests compute percentiles of so many samples that the memory for them is used up. Try again after Retry-After.',
            RETRY_AFTER_SECONDS,
          );
        }
        own += count;
        this.kept += count;
      },
      close: () => {
        this.kept -= own;
        own = 0;
      },
    };
  }
}
