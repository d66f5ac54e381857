import { HttpException, HttpStatus } from '@nestjs/common';

const UPSTREAM_RETRY_SECONDS = 10;

/** One problem of a request. */
export interface ErrorDetail {
  /** A JSON pointer into the request: `/body/metrics/0/value`, `/query/from`, `/headers/idempotency-key`. */
  readonly path?: string;
  readonly message: string;
}

/** The request does not fit its schema, and nothing of it was stored. The body has the format of Unleash. */
export class BadDataError extends HttpException {
  constructor(
    readonly details: readonly ErrorDetail[],
    message = 'Request validation failed: your request body or params contain invalid data. Refer to the `details` list for more information.',
  ) {
    super({ message, details }, HttpStatus.BAD_REQUEST);
  }
}

/** The route does not accept the content type of the request. The body has the format of Unleash. */
export class ContentTypeError extends HttpException {
  constructor(given: string | undefined) {
    const message =
      `We do not accept the content-type you provided (${given ?? "you didn't provide one"}). Try using one of the content-types we do accept ` +
      'instead (application/json) and make sure the body is in the corresponding format.';
    super({ message, details: [{ message }] }, HttpStatus.UNSUPPORTED_MEDIA_TYPE);
  }
}

/** The body could not be read: it is too large, damaged, or not JSON. */
export class UnreadableBodyError extends HttpException {
  constructor(status: number, message: string) {
    super({ message }, status);
  }
}

/** The Idempotency-Key belongs to an earlier request with a different body. */
export class IdempotencyKeyReusedError extends HttpException {
  constructor(key: string) {
    const message =
      `The Idempotency-Key ${key} belongs to an earlier request of this token with another body. That one is stored; nothing of ` +
      'this one is. Send new data under a new key, and repeat a key only with the same body, byte for byte.';
    super({ message, details: [{ path: '/headers/idempotency-key', message }] }, HttpStatus.UNPROCESSABLE_ENTITY);
  }
}

/** The request can succeed later. The answer says when to try again. */
export class RetryLaterError extends HttpException {
  constructor(
    body: { readonly name?: string; readonly message: string },
    status: HttpStatus.TOO_MANY_REQUESTS | HttpStatus.BAD_GATEWAY | HttpStatus.SERVICE_UNAVAILABLE,
    readonly retryAfterSeconds: number,
  ) {
    super(body, status);
  }
}

/** Another service that is needed for the answer is temporarily unavailable. */
export class UpstreamUnavailableError extends RetryLaterError {
  constructor(status: HttpStatus.BAD_GATEWAY | HttpStatus.SERVICE_UNAVAILABLE, message: string) {
    super({ name: 'UpstreamUnavailableError', message }, status, UPSTREAM_RETRY_SECONDS);
  }
}

/** A token has sent too many requests in the current minute. */
export class RateLimitError extends RetryLaterError {
  constructor(limit: number, retryAfterSeconds: number) {
    super(
      {
        message:
          `Too many requests, please try again later. The limit (INGEST_RATE_LIMIT_PER_MINUTE) is ${limit} per minute and token; ` +
          'send more samples per request instead of more requests.',
      },
      HttpStatus.TOO_MANY_REQUESTS,
      retryAfterSeconds,
    );
  }
}
