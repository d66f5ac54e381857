import { PromqlCancelledError, PromqlExecutionError, PromqlTimeoutError } from './errors.js';

export interface QueryLimits {
  /** Samples that a query may touch: read, hold in between, and answer. */
  readonly maxSamples: number;
  /** Series in the result. */
  readonly maxSeries: number;
  /** Asked often, so it has to be cheap; what it answers ends the query. */
  readonly shouldStop?: () => 'timeout' | 'cancelled' | null;
}

/** A poll costs a call; so many samples are looked at in well under a millisecond. */
const SAMPLES_BETWEEN_POLLS = 10_000;

/** What one query has used of its limits. */
export class QueryBudget {
  private samples = 0;
  private untilPoll = SAMPLES_BETWEEN_POLLS;

  constructor(private readonly limits: QueryLimits) {}

  /** Counts samples that are read or made. */
  take(samples: number): void {
    this.samples += samples;
    if (this.samples > this.limits.maxSamples) {
      throw new PromqlExecutionError('query processing would load too many samples into memory in query execution');
    }
    this.work(samples);
  }

  /** Counts work on samples that are held already, only to see in time that the query has to end. */
  work(samples: number): void {
    this.untilPoll -= samples + 1;
    if (this.untilPoll <= 0) {
      this.untilPoll = SAMPLES_BETWEEN_POLLS;
      this.poll();
    }
  }

  poll(): void {
    const reason = this.limits.shouldStop?.() ?? null;
    if (reason === 'timeout') {
      throw new PromqlTimeoutError();
    }
    if (reason === 'cancelled') {
      throw new PromqlCancelledError();
    }
  }

  checkSeries(count: number): void {
    if (count > this.limits.maxSeries) {
      throw new PromqlExecutionError(
        `the result has ${count} series, more than the limit of ${this.limits.maxSeries}: select fewer series or aggregate them, such as sum by (job) (…)`,
      );
    }
  }
}
