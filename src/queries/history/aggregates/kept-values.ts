import { StoreUnavailableError } from '../../../database/store-unavailable.error.js';

const RETRY_AFTER_SECONDS = 5;

/** Limits the memory of aggregates that must keep every value of a range until the end of the scan. */
export class KeptValues {
  private kept = 0;

  /** @param maxValues maximum number of values that all requests keep together, at about 12 bytes each while their lists grow */
  constructor(private readonly maxValues: number) {}

  /** Starts to count the values of one request. */
  open(): { add: (count: number) => void; close: () => void } {
    let own = 0;
    return {
      add: (count) => {
        // While no other request keeps values, a request can exceed this limit. HISTORY_MAX_SAMPLES still limits it.
        if (this.kept > own && this.kept + count > this.maxValues) {
          throw new StoreUnavailableError(
            'Other requests compute percentiles of so many samples that the memory for them (HISTORY_MAX_PERCENTILE_VALUES) is used up. Try again after Retry-After.',
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
