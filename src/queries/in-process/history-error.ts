import { BadDataError } from '../../http/answers/errors.js';
import { prometheusAnswerOf } from '../prometheus-api/answers/prometheus-answer.js';

/**
 * The reason why a request was not answered.
 *
 * - `bad_data`: a parameter is wrong or exceeds a limit
 * - `not_found`: nobody pushed the metric
 * - `execution`: the query exceeds a limit, or its samples do not allow an answer
 * - `too_many_requests`, `timeout`, `unavailable`: the request may succeed later, after `retryAfterSeconds`
 * - `internal`: an unexpected error, which is the `cause`
 */
export type HistoryErrorReason =
  'bad_data' | 'not_found' | 'execution' | 'too_many_requests' | 'timeout' | 'unavailable' | 'internal';

/**
 * The error for a request to {@link CustomMetricsHistory} that was not answered. The message says what was wrong and what to
 * do.
 */
export class HistoryError extends Error {
  override readonly name = 'HistoryError';

  constructor(
    readonly reason: HistoryErrorReason,
    message: string,
    /** The time after which a retry makes sense; undefined if a retry would fail again. */
    readonly retryAfterSeconds?: number,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** Converts an error that the services throw for HTTP clients to one for an app's own code. */
export function historyErrorOf(error: unknown): HistoryError {
  if (error instanceof HistoryError) return error;
  if (error instanceof BadDataError) {
    return new HistoryError('bad_data', error.details.map(({ message }) => message).join(' '));
  }
  const { answer, unexpected } = prometheusAnswerOf(error);
  if (unexpected !== undefined) {
    const message = error instanceof Error ? error.message : String(error);
    return new HistoryError('internal', message, undefined, { cause: error });
  }
  const { errorType, message, retryAfterSeconds } = answer;
  // None of these is expected: requests inside the app need no token, and a caller that cancels gets the reason of its own
  // signal.
  const isOfHttp = errorType === 'unauthorized' || errorType === 'forbidden' || errorType === 'canceled';
  return new HistoryError(isOfHttp ? 'internal' : errorType, message, retryAfterSeconds);
}
