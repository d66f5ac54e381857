import { Inject, Injectable } from '@nestjs/common';
import type { Request, Response } from 'express';
import { BodyBudget } from './body-budget.js';
import { contentEncodingOf } from './content-encoding.js';
import { type BodyLimits, receiveBody } from './receive-body.js';

/** The limits of a route for its bodies. */
export type RouteBodyLimits = Pick<BodyLimits, 'maxBytes' | 'setting'> & {
  /** Set if the Content-Encoding header does not describe the compression of the bytes. */
  readonly encoding?: BodyLimits['encoding'];
};

/** A request after the guards, with its token if it has one. */
type RequestOfToken = Request & { readonly apiToken?: { readonly id: number } };

/** Receives the bodies of all routes within one budget. It runs after the guards, which need no body. */
@Injectable()
export class BodyReader {
  constructor(@Inject(BodyBudget) private readonly budget: BodyBudget) {}

  /**
   * Receives the body of a request. Its bytes count until the request is answered.
   *
   * @returns undefined if there is no body, or if a host application that reads bodies globally has read it
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
