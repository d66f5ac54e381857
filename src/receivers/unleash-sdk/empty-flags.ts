import { createHash } from 'node:crypto';
import type { Request, Response } from 'express';
import type { FeaturesResponse, TogglesResponse } from './dto/features.response.js';

/** An answer that never changes, with the name by which a client asks whether it has. */
class FixedAnswer<Body extends object> {
  private readonly etag: string;

  constructor(private readonly body: Body) {
    this.etag = `"${createHash('sha256').update(JSON.stringify(body)).digest('base64url').slice(0, 16)}"`;
  }

  /** With 304 for a client that has it. Not Express' own check, which takes `no-cache` (fetch adds it) for "send it anyway". */
  send(request: Request, response: Response): void {
    response.setHeader('ETag', this.etag);
    if (this.isAmong(request.headers['if-none-match'])) response.status(304).end();
    else response.status(200).json(this.body);
  }

  private isAmong(etags: string | undefined): boolean {
    return (etags ?? '').split(',').some((etag) => etag.trim().replace(/^W\//, '') === this.etag);
  }
}

/** What SDKs in servers are told of flags where there is no Unleash. */
export const EMPTY_FEATURES = new FixedAnswer<FeaturesResponse>({ version: 2, features: [], segments: [] });

/** What SDKs in browsers are told. */
export const EMPTY_TOGGLES = new FixedAnswer<TogglesResponse>({ toggles: [] });
