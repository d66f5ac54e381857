import { PromqlCancelledError, PromqlExecutionError, PromqlTimeoutError } from './errors.js';

export interface QueryLimits {
  /** Maximum number of samples that a query may read, hold in between, and return. */
  readonly maxSamples: number;
  /** Maximum number of series in the result. */
  readonly maxSeries: number;
  /** Returns a reason to end the query, if there is one. It is called often, so it has to be cheap. */
  readonly shouldStop?: () => 'timeout' | 'cancelled' | null;
}

/** A poll costs a function call; processing this many samples takes well under a millisecond. */
const SAMPLES_BETWEEN_POLLS = 10_000;

/** Tracks how much of its limits a query has used. */
export class QueryBudget {
  private samples = 0;
  private untilPoll = SAMPLES_BETWEEN_POLLS;

  constructor(private readonly limits: QueryLimits) {}

  /** Counts samples that are read or created. */
  take(samples: number): void {
    this.samples += samples;
    if (this.samples > this.limits.maxSamples) {
      throw new PromqlExecutionError('query processing would load too many samples into memory in query execution');
    }
    this.work(samples);
  }

  /** Counts work on samples that are already counted, only to notice in time that the query has to end. */
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
