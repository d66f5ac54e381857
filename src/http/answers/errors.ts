import { HttpException, HttpStatus } from '@nestjs/common';

const UPSTREAM_RETRY_SECONDS = 10;

/** One thing that is wrong with a request. */
export interface ErrorDetail {
  /** JSON pointer into the request: `/body/metrics/0/value`, `/query/from`, `/headers/idempotency-key`. */
  readonly path?: string;
  readonly message: string;
}

/** The request does not fit its schema; nothing of it was stored. The body is Unleash's. */
export class BadDataError extends HttpException {
  constructor(
    readonly details: readonly ErrorDetail[],
    message = 'Request validation failed: your request body or params contain invalid data. Refer to the `details` list for more information.',
  ) {
    super({ message, details }, HttpStatus.BAD_REQUEST);
  }
}

/** A body of another kind than the route reads. The body is Unleash's. */
export class ContentTypeError extends HttpException {
  constructor(given: string | undefined) {
    const message =
      `We do not accept the content-type you provided (${given ?? "you didn't provide one"}). Try using one of the content-types we do accept ` +
      'instead (application/json) and make sure the body is in the corresponding format.';
    super({ message, details: [{ message }] }, HttpStatus.UNSUPPORTED_MEDIA_TYPE);
  }
}

/** The body could not be read at all: too large, damaged, or not JSON. */
export class UnreadableBodyError extends HttpException {
  constructor(status: number, message: string) {
    super({ message }, status);
  }
}

/** The Idempotency-Key of another request, whose body was another one and is stored. */
export class IdempotencyKeyReusedError extends HttpException {
  constructor(key: string) {
    const message =
      `The Idempotency-Key ${key} belongs to a request of this token with another body, which is stored; nothing of this one ` +
      'is. Send what is new under a new key, and the same key only with the same body, byte for byte.';
    super({ message, details: [{ path: '/headers/idempotency-key', message }] }, HttpStatus.UNPROCESSABLE_ENTITY);
  }
}

/** A request that can be taken later; the client is told when to try again. */
export class RetryLaterError extends HttpException {
  constructor(
    body: { readonly name?: string; readonly message: string },
    status: HttpStatus.TOO_MANY_REQUESTS | HttpStatus.BAD_GATEWAY | HttpStatus.SERVICE_UNAVAILABLE,
    readonly retryAfterSeconds: number,
  ) {
    super(body, status);
  }
}

/** Another service that has to answer this request does not; it will pass. */
export class UpstreamUnavailableError extends RetryLaterError {
  constructor(status: HttpStatus.BAD_GATEWAY | HttpStatus.SERVICE_UNAVAILABLE, message: string) {
    super({ name: 'UpstreamUnavailableError', message }, status, UPSTREAM_RETRY_SECONDS);
  }
}

/** Too many requests of one token; it will pass. */
export class RateLimitError extends RetryLaterError {
  constructor(limit: number, retryAfterSeconds: number) {
    super(
      {
        message:
          `Too many requests, please try again later. The limit (INGEST_RATE_LIMIT_PER_MINUTE) is ${limit} a minute and token; ` +
          'send more samples in a request rather than more requests.',
      },
      HttpStatus.TOO_MANY_REQUESTS,
      retryAfterSeconds,
    );
  }
}
