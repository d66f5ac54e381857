import { PromqlCancelledError, PromqlExecutionError, PromqlTimeoutError } from './errors.js';

export interface QueryLimits {
  /** Maximum number of samples that a query can read and create in total. */
  readonly maxSamples: number;
  /** Maximum number of series in the result. */
  readonly maxSeries: number;
  /** Returns the reason to end the query, or null to continue. The function must be cheap, because it is called often. */
  readonly shouldStop?: () => 'timeout' | 'cancelled' | null;
}

/** Number of samples that are processed between two calls of `shouldStop`. Processing them takes well under a millisecond. */
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

  /** Runs a task whose samples no longer count when it has ended, because nothing keeps them. */
  passing<T>(task: () => T): T {
    const before = this.samples;
    const result = task();
    this.samples = before;
    return result;
  }

  /** Counts work on samples that are already counted. The only purpose of this is to notice in time that the query has to end. */
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
