/** The base of all errors that refuse a query. Each has Prometheus' `errorType`, which determines the status of the answer. */
export abstract class PromqlError extends Error {
  abstract readonly errorType: 'bad_data' | 'execution' | 'timeout' | 'canceled';
}

/**
 * The error for a query that cannot be planned, for example because it has too many points or names a view that does not exist
 * (400).
 */
export class PromqlPlanError extends PromqlError {
  readonly errorType = 'bad_data';
  override readonly name = 'PromqlPlanError';
}

/** The error for a well-formed query that can't be answered with the samples that it selects, or that selects too many (422). */
export class PromqlExecutionError extends PromqlError {
  readonly errorType = 'execution';
  override readonly name = 'PromqlExecutionError';
}

/** The error for a query that exceeded its time limit (503). */
export class PromqlTimeoutError extends PromqlError {
  readonly errorType = 'timeout';
  override readonly name = 'PromqlTimeoutError';

  constructor() {
    super('query timed out in expression evaluation');
  }
}

/** The error for a query whose client no longer waits for the answer (499). */
export class PromqlCancelledError extends PromqlError {
  readonly errorType = 'canceled';
  override readonly name = 'PromqlCancelledError';

  constructor() {
    super('query was canceled in expression evaluation');
  }
}

/** Returns the error for two series of a result that have the same labels at the same time. */
export function sameLabelsError(): PromqlExecutionError {
  return new PromqlExecutionError('vector cannot contain metrics with the same labelset');
}
