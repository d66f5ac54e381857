import { HttpStatus, Inject, Injectable } from '@nestjs/common';
import type { Request, Response } from 'express';
import { BodyBudget } from './body-budget.js';
import { abbreviate } from '../../outside-text/abbreviate.js';
import { UnreadableBodyError } from '../answers/errors.js';
import { contentEncodingOf } from './content-encoding.js';
import { type BodyLimits, receiveBody, tooLarge } from './receive-body.js';

/** The limits that a route sets for its request bodies. */
export type RouteBodyLimits = Pick<BodyLimits, 'maxBytes' | 'setting'> & {
  /** The compression of the body, if the Content-Encoding header does not describe it. */
  readonly encoding?: BodyLimits['encoding'];
  /** Whether Content-Encoding may be snappy, in the framing format. */
  readonly takesSnappy?: boolean;
  /**
   * Returns how many more bytes the route will need for a body, for instance to inflate it. They count against the budget too.
   */
  readonly furtherBytesOf?: (body: Buffer) => number;
};

/** A request after the guards, with its token if it has one. */
type RequestOfToken = Request & { readonly apiToken?: { readonly id: number } };

/** Receives the bodies of all routes within one budget. Bodies are read after the guards, which do not need them. */
@Injectable()
export class BodyReader {
  constructor(@Inject(BodyBudget) private readonly budget: BodyBudget) {}

  /**
   * Receives the body of a request. Its bytes count against the budget until the request is answered.
   *
   * A parser of the host may have read the body already. Then its bytes are used if the host keeps them (`rawBody: true`, or a
   * parser for text or buffers); otherwise the parsed value stays in `request.body`. Only the state of the stream shows whether
   * the body has been read, because other middleware may set `request.body` without reading it.
   *
   * @returns undefined if there is no body, or if only a parsed value is left in `request.body`
   * @throws UnreadableBodyError if the body is too large, incomplete or can't be inflated, or if middleware has discarded it;
   * BodyBudgetError if it does not fit into the budget
   */
  async read(request: Request, response: Response, limits: RouteBodyLimits): Promise<Buffer | undefined> {
    if (!hasBody(request)) return undefined;
    const transferCodings = request.headers['transfer-encoding'];
    if (transferCodings !== undefined) assertPlainTransfer(transferCodings);
    if (request.readableDidRead) return bodyOfHost(request, limits);
    const encoding = limits.encoding ?? contentEncodingOf(request.headers['content-encoding'], limits.takesSnappy);
    const share = this.budget.open((request as RequestOfToken).apiToken?.id ?? 0);
    response.once('close', () => share.release());
    const body = await receiveBody(request, { ...limits, encoding, share });
    if (limits.furtherBytesOf !== undefined) share.take(limits.furtherBytesOf(body));
    return body;
  }
}

function hasBody({ headers }: Request): boolean {
  return headers['transfer-encoding'] !== undefined || headers['content-length'] !== undefined;
}

/**
 * Refuses a transfer coding other than `chunked`. Node.js removes only that one, so the body would still be compressed
 * (RFC 9112, 6.1).
 */
function assertPlainTransfer(header: string): void {
  const codings = header.split(',').map((coding) => coding.trim().toLowerCase());
  if (codings.every((coding) => coding === '' || coding === 'chunked')) return;
  throw new UnreadableBodyError(
    HttpStatus.NOT_IMPLEMENTED,
    `The transfer coding ${JSON.stringify(abbreviate(header))} is not supported. Send Transfer-Encoding: chunked or a ` +
      'Content-Length, and name a compression in Content-Encoding.',
  );
}

/** Returns the bytes of a body that a parser of the host has read; undefined if only a parsed value is left. */
function bodyOfHost(
  request: Request & { rawBody?: unknown },
  { maxBytes, setting }: RouteBodyLimits,
): Buffer | undefined {
  const { rawBody, body } = request as { rawBody?: unknown; body?: unknown };
  const bytes = Buffer.isBuffer(rawBody) ? rawBody : typeof body === 'string' ? Buffer.from(body) : body;
  if (bytes === undefined) {
    throw new UnreadableBodyError(
      500,
      'A middleware of this app has read the body and left nothing of it in request.body. It must leave this path alone.',
    );
  }
  const isCompressed = request.headers['content-encoding'] !== undefined;
  const size = Buffer.isBuffer(bytes)
    ? bytes.length
    : isCompressed
      ? Buffer.byteLength(JSON.stringify(bytes))
      : Number(request.headers['content-length'] ?? 0);
  if (size > maxBytes) throw tooLarge(maxBytes, setting);
  return Buffer.isBuffer(bytes) ? bytes : undefined;
}
