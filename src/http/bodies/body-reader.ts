import { Inject, Injectable } from '@nestjs/common';
import type { Request, Response } from 'express';
import { BodyBudget } from './body-budget.js';
import { contentEncodingOf } from './content-encoding.js';
import { type BodyLimits, receiveBody } from './receive-body.js';

/** What a route says about its bodies. */
export type RouteBodyLimits = Pick<BodyLimits, 'maxBytes' | 'setting'> & {
  /** Given where the header means something else than how the bytes are compressed. */
  readonly encoding?: BodyLimits['encoding'];
};

/** A request whose guard has found the token that it was sent with, if it was sent with one. */
type RequestOfToken = Request & { readonly apiToken?: { readonly id: number } };

/** Receives the bodies of all routes, so that one budget bounds them; only after the guards, which need no body. */
@Injectable()
export class BodyReader {
  constructor(@Inject(BodyBudget) private readonly budget: BodyBudget) {}

  /**
   * Receives the body of a request. Its bytes count until the request is answered.
   *
   * @returns undefined if there is none, or if a host that reads bodies globally has read it
   * @throws UnreadableBodyError, BodyBudgetError
   */
  async read(request: Request, response: Response, limits: RouteBodyLimits): Promise<Buffer | undefined> {
    const encoding = limits.encoding ?? contentEncodingOf(request.headers['content-encoding']);
    if (request.body !== undefined || request.readableEnded || !hasBody(request)) return undefined;
    const share = this.budget.open((request as RequestOfToken).apiToken?.id ?? 0);
    response.once('close', () => share.release());
    return receiveBody(request, { ...limits, encoding, share });
  }
}

function hasBody({ headers }: Request): boolean {
  return headers['transfer-encoding'] !== undefined || headers['content-length'] !== undefined;
}
