/** The kinds of errors that Prometheus' API knows, and the status of each. */
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

/** How long to wait after a 503 that does not say itself; a query that took too long may be served a little later. */
const RETRY_AFTER_SECONDS = 5;

/** What a client of Prometheus' API is told when its request fails. */
export class PrometheusError extends Error {
  override readonly name = 'PrometheusError';

  /** When trying again makes sense; undefined for what will not pass. */
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

/** The kind of error that has a status; of several, the more general one. */
export function errorTypeOf(status: number): PrometheusErrorType {
  const exact = Object.entries(STATUS_OF).findLast(([, each]) => each === status);
  if (exact !== undefined) return exact[0] as PrometheusErrorType;
  return status < 500 ? 'bad_data' : 'internal';
}

/** A parameter that can't be read, in Prometheus' words: tools and their users look for them. */
export function invalidParameter(name: string, reason: string): PrometheusError {
  return new PrometheusError('bad_data', `invalid parameter "${name}": ${reason}`);
}

/** In Prometheus' words, and what to do. */
export function tooManySamples(maxSamples: number): PrometheusError {
  return new PrometheusError(
    'execution',
    `query processing would load too many samples into memory in query execution: more than ${maxSamples}, the limit ` +
      '(PROMQL_MAX_SAMPLES). Ask for a shorter range, a longer step or fewer series, or raise the limit.',
  );
}
