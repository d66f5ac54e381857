import { Catch, HttpStatus } from '@nestjs/common';
import type { Request, Response } from 'express';
import type { ErrorAnswer } from '../../http/answers/error-answer.js';
import { ErrorAnswerFilter } from '../../http/answers/error-answer.filter.js';
import { encodeMessage, encodingOf } from './encoding/otlp-encoding.js';
import { STATUS } from './encoding/otlp-schema.js';

/** The codes of google.rpc.Code by HTTP status. Exporters act on the HTTP status and log the message. */
const CODES: Readonly<Record<number, number>> = {
  [HttpStatus.BAD_REQUEST]: 3,
  [HttpStatus.UNAUTHORIZED]: 16,
  [HttpStatus.FORBIDDEN]: 7,
  [HttpStatus.PAYLOAD_TOO_LARGE]: 8,
  [HttpStatus.UNSUPPORTED_MEDIA_TYPE]: 3,
  [HttpStatus.TOO_MANY_REQUESTS]: 8,
  [HttpStatus.INTERNAL_SERVER_ERROR]: 13,
  [HttpStatus.NOT_IMPLEMENTED]: 12,
  [HttpStatus.SERVICE_UNAVAILABLE]: 14,
};

const UNKNOWN = 2;

/**
 * Answers errors as OTLP/HTTP requires, with a google.rpc.Status in the encoding of the request, or in JSON if that encoding is
 * unknown. Exporters retry only after 429, 502, 503 and 504.
 *
 * Source: https://opentelemetry.io/docs/specs/otlp/#failures
 */
@Catch()
export class OtlpErrorFilter extends ErrorAnswerFilter {
  protected override send(response: Response, { status, headers, body }: ErrorAnswer, request: Request): void {
    const encoding = encodingOf(request.headers['content-type']) ?? 'json';
    const message = typeof body.message === 'string' ? body.message : '';
    const { mediaType, bytes } = encodeMessage(STATUS, { code: CODES[status] ?? UNKNOWN, message }, encoding);
    // `setHeader` is used because Express' `set` would add a charset to JSON.
    response.status(status).set(headers).setHeader('Content-Type', mediaType).end(bytes);
  }
}
