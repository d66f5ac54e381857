/** The error types of Prometheus' API and the status of each. */
const STATUS_OF = {
  bad_data: 400,
  unauthorized: 401,
  forbidden: 403,
  not_found: 404,
  execution: 422,
  too_many_requests: 429,
  canceled: 499,
  internal: 500,
  timeout: 503,
  unavailable: 503,
} as const;

export type PrometheusErrorType = keyof typeof STATUS_OF;

/** The Retry-After of a 503 that does not set its own time. A query that took too long may succeed a little later. */
const RETRY_AFTER_SECONDS = 5;

/** The error that a client of Prometheus' API gets when its request fails. */
export class PrometheusError extends Error {
  override readonly name = 'PrometheusError';

  /** The time after which a retry makes sense; undefined if a retry would fail again. */
  readonly retryAfterSeconds: number | undefined;

  constructor(
    readonly errorType: PrometheusErrorType,
    message: string,
    retryAfterSeconds?: number,
  ) {
    super(message);
    this.retryAfterSeconds = retryAfterSeconds ?? (this.status === 503 ? RETRY_AFTER_SECONDS : undefined);
  }

  get status(): number {
    return STATUS_OF[this.errorType];
  }
}

/** Returns the error type for a status. If several types have the status, the more general one is returned. */
export function errorTypeOf(status: number): PrometheusErrorType {
  const exact = Object.entries(STATUS_OF).findLast(([, each]) => each === status);
  if (exact !== undefined) return exact[0] as PrometheusErrorType;
  return status < 500 ? 'bad_data' : 'internal';
}

/**
 * Builds the error for a parameter that cannot be read. The message is Prometheus' own, because tools and users search for it.
 */
export function invalidParameter(name: string, reason: string): PrometheusError {
  return new PrometheusError('bad_data', `invalid parameter "${name}": ${reason}`);
}

/** Builds the error for too many samples. The message is Prometheus' own, followed by advice. */
export function tooManySamples(maxSamples: number): PrometheusError {
  return new PrometheusError(
    'execution',
    `query processing would load too many samples into memory in query execution: more than ${maxSamples}, the limit ` +
      '(PROMQL_MAX_SAMPLES). Ask for a shorter range, a longer step or fewer series, or raise the limit.',
  );
}
