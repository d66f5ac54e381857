import { randomUUID } from 'node:crypto';
import { HttpException, HttpStatus } from '@nestjs/common';
import { StoreUnavailableError } from '../../database/store-unavailable.error.js';
import { errorCodeOf, isLockTimeout, isOutage, isUnstorableText, otherServerOf } from '../../database/outage.js';
import { BadDataError, ContentTypeError, IdempotencyKeyReusedError, RetryLaterError } from './errors.js';

/** The answer to a request that has failed. */
export interface ErrorAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Readonly<Record<string, unknown>>;
  /** The error and its id for the log, if the error was not expected. */
  readonly unexpected?: { readonly id: string; readonly error: unknown };
}

const NAMES: Readonly<Record<number, string>> = {
  [HttpStatus.BAD_REQUEST]: 'BadDataError',
  [HttpStatus.NOT_FOUND]: 'NotFoundError',
  [HttpStatus.UNSUPPORTED_MEDIA_TYPE]: 'ContentTypeError',
  [HttpStatus.UNPROCESSABLE_ENTITY]: 'IdempotencyKeyReusedError',
};

/** Errors whose body is complete except for the id and the name. */
const OWN_ERRORS = [BadDataError, ContentTypeError, IdempotencyKeyReusedError];

const OUTAGE_RETRY_SECONDS = 1;

/**
 * Converts an error to an answer, for all error filters. Temporary problems are always answered with 429, 502 or 503 and
 * `Retry-After`, because Unleash's SDKs stop sending for the lifetime of their process after 400, 413 or 415.
 */
export function errorAnswerOf(error: unknown): ErrorAnswer {
  if (error instanceof StoreUnavailableError) return unavailable(error.message, error.retryAfterSeconds);
  if (error instanceof RetryLaterError) {
    return {
      status: error.getStatus(),
      headers: { 'Retry-After': String(error.retryAfterSeconds) },
      body: error.getResponse() as Record<string, unknown>,
    };
  }
  if (error instanceof HttpException) return { status: error.getStatus(), headers: {}, body: bodyOf(error) };
  if (isLockTimeout(error)) {
    return unavailable(
      'Another session of Postgres has locked data that this request needs, and has not released it for as long as a request ' +
        'waits (STORE_WAIT_MS). Send the request again after Retry-After.',
      OUTAGE_RETRY_SECONDS,
    );
  }
  if (isOutage(error)) return unavailable(describeOutage(error), OUTAGE_RETRY_SECONDS);
  if (isUnstorableText(error)) {
    return unavailable(
      'Postgres now has a database with another encoding than UTF8, which has no place for a character of this request. The service ' +
        'needs one with the encoding UTF8.',
      OUTAGE_RETRY_SECONDS,
    );
  }
  const id = randomUUID();
  return {
    status: HttpStatus.INTERNAL_SERVER_ERROR,
    headers: {},
    body: {
      id,
      name: 'InternalError',
      message: `An internal error occurred. The log of the server has the reason under ${id}.`,
    },
    unexpected: { id, error },
  };
}

function describeOutage(error: unknown): string {
  const code = errorCodeOf(error) ?? 'connection lost';
  const server = otherServerOf(error);
  return server === undefined
    ? `Postgres is unavailable (${code}).`
    : `The server ${server}, which stores a part of the history, is unavailable (${code}). History that is stored elsewhere can be read.`;
}

/** Returns the log entry for an unexpected error: message and stack, as arguments of Nest's `Logger.error`. */
export function describeUnexpected({
  id,
  error,
}: NonNullable<ErrorAnswer['unexpected']>): [string, string | undefined] {
  const { message, stack } = error instanceof Error ? error : { message: String(error), stack: undefined };
  return [`Request ${id} failed: ${message}`, stack];
}

function unavailable(message: string, retryAfterSeconds: number): ErrorAnswer {
  return {
    status: HttpStatus.SERVICE_UNAVAILABLE,
    headers: { 'Retry-After': String(retryAfterSeconds) },
    body: { id: randomUUID(), name: 'StoreUnavailableError', message },
  };
}

function bodyOf(error: HttpException): Record<string, unknown> {
  const response = error.getResponse();
  const message = error.message;
  if (OWN_ERRORS.some((type) => error instanceof type)) {
    return { id: randomUUID(), name: NAMES[error.getStatus()], ...(response as object) };
  }
  if (typeof response === 'object' && !('statusCode' in response)) return { ...response };
  return {
    id: randomUUID(),
    name: NAMES[error.getStatus()] ?? error.name,
    message,
    details: [{ message }],
  };
}
