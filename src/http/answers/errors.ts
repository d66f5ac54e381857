import { HttpException, HttpStatus } from '@nestjs/common';

const UPSTREAM_RETRY_SECONDS = 10;
const HISTORY_RETRY_SECONDS = 2;

/** One problem of a request. */
export interface ErrorDetail {
  /** A JSON pointer into the request: `/body/metrics/0/value`, `/query/from`, `/headers/idempotency-key`. */
  readonly path?: string;
  readonly message: string;
}

/**
 * The error for a request with invalid data. Nothing of the request is stored, except by remote write, which stores the valid
 * samples. The body of the answer has the format of Unleash's errors.
 */
export class BadDataError extends HttpException {
  constructor(
    readonly details: readonly ErrorDetail[],
    message = 'Request validation failed: your request body or params contain invalid data. Refer to the `details` list for more information.',
  ) {
    super({ message, details }, HttpStatus.BAD_REQUEST);
  }
}

/** The error for a content type that the route does not accept. The body of the answer has the format of Unleash's errors. */
export class ContentTypeError extends HttpException {
  constructor(given: string | undefined) {
    const message =
      `We do not accept the content-type you provided (${given ?? "you didn't provide one"}). Try using one of the content-types we do accept ` +
      'instead (application/json) and make sure the body is in the corresponding format.';
    super({ message, details: [{ message }] }, HttpStatus.UNSUPPORTED_MEDIA_TYPE);
  }
}

/** The error for a body that could not be read, because it is too large, damaged, or not JSON. */
export class UnreadableBodyError extends HttpException {
  constructor(status: number, message: string) {
    super({ message }, status);
  }
}

/** The error for an Idempotency-Key that belongs to an earlier request with a different body. */
export class IdempotencyKeyReusedError extends HttpException {
  constructor(key: string) {
    const message =
      `The Idempotency-Key ${key} belongs to an earlier request of this token with another body. That one is stored; nothing of ` +
      'this one is. Send new data under a new key, and repeat a key only with the same body, byte for byte.';
    super({ message, details: [{ path: '/headers/idempotency-key', message }] }, HttpStatus.UNPROCESSABLE_ENTITY);
  }
}

/** The HTTP status "Loop Detected", which Nest's `HttpStatus` does not contain. */
const LOOP_DETECTED = 508;

/** The error for samples that this service itself has forwarded. Storing them would forward them again and again. */
export class ForwardingCircleError extends HttpException {
  constructor() {
    super(
      {
        message:
          'These samples were forwarded from here by remote write and have come back, so nothing was stored. Change REMOTE_WRITE_URL here, or ' +
          'at a service to which these samples go.',
      },
      LOOP_DETECTED,
    );
  }
}

/** The error for a request that can succeed later. The answer says when to try again. */
export class RetryLaterError extends HttpException {
  constructor(
    body: { readonly name?: string; readonly message: string },
    status: HttpStatus.TOO_MANY_REQUESTS | HttpStatus.BAD_GATEWAY | HttpStatus.SERVICE_UNAVAILABLE,
    readonly retryAfterSeconds: number,
  ) {
    super(body, status);
  }
}

/** The error for a request that could not be forwarded to another service, or that got no usable answer from it. */
export class UpstreamUnavailableError extends RetryLaterError {
  constructor(status: HttpStatus.BAD_GATEWAY | HttpStatus.SERVICE_UNAVAILABLE, message: string) {
    super({ name: 'UpstreamUnavailableError', message }, status, UPSTREAM_RETRY_SECONDS);
  }
}

/** The error for a token that already uses its whole share of the concurrent history requests. */
export class HistoryShareError extends RetryLaterError {
  constructor() {
    super(
      {
        message:
          'Too many history requests of this token are in progress; it may have three quarters of all (HISTORY_REQUESTS_AT_ONCE). ' +
          'Try again after Retry-After.',
      },
      HttpStatus.TOO_MANY_REQUESTS,
      HISTORY_RETRY_SECONDS,
    );
  }
}

/** The error for a token that has sent too many requests in the current minute. */
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
