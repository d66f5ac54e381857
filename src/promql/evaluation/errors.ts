/** What every refusal of a query has: Prometheus' `errorType`, which decides the status of the answer. */
export abstract class PromqlError extends Error {
  abstract readonly errorType: 'bad_data' | 'execution' | 'timeout' | 'canceled';
}

/** The query cannot be planned as it is asked: too many points, a view that does not exist (400). */
export class PromqlPlanError extends PromqlError {
  readonly errorType = 'bad_data';
  override readonly name = 'PromqlPlanError';
}

/** The query is well formed, and its samples do not allow an answer or are too many (422). */
export class PromqlExecutionError extends PromqlError {
  readonly errorType = 'execution';
  override readonly name = 'PromqlExecutionError';
}

/** The time that a query may take is over (503). */
export class PromqlTimeoutError extends PromqlError {
  readonly errorType = 'timeout';
  override readonly name = 'PromqlTimeoutError';

  constructor() {
    super('query timed out in expression evaluation');
  }
}

/** Nobody waits for the answer any more (499). */
export class PromqlCancelledError extends PromqlError {
  readonly errorType = 'canceled';
  override readonly name = 'PromqlCancelledError';

  constructor() {
    super('query was canceled in expression evaluation');
  }
}

/** Two series of one result would have the same labels at the same time. */
export function sameLabelsError(): PromqlExecutionError {
  return new PromqlExecutionError('vector cannot contain metrics with the same labelset');
}
