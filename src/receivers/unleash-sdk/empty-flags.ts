import { createHash } from 'node:crypto';
import type { Request, Response } from 'express';
import type { FeaturesResponse, TogglesResponse } from './dto/features.response.js';

/** Sends an answer that never changes, with its ETag. */
class FixedAnswer<Body extends object> {
  private readonly etag: string;

  constructor(private readonly body: Body) {
    this.etag = `"${createHash('sha256').update(JSON.stringify(body)).digest('base64url').slice(0, 16)}"`;
  }

  /**
   * Sends the answer, or 304 if the client already has it. Express' own check never answers with 304 to a request with
   * `Cache-Control: no-cache`, which fetch adds.
   */
  send(request: Request, response: Response): void {
    response.setHeader('ETag', this.etag);
    if (this.isAmong(request.headers['if-none-match'])) response.status(304).end();
    else response.status(200).json(this.body);
  }

  private isAmong(etags: string | undefined): boolean {
    return (etags ?? '').split(',').some((etag) => etag.trim().replace(/^W\//, '') === this.etag);
  }
}

/** The answer to server-side SDKs if there is no upstream Unleash. */
export const EMPTY_FEATURES = new FixedAnswer<FeaturesResponse>({ version: 2, features: [], segments: [] });

/** The answer to browser SDKs if there is no upstream Unleash. */
export const EMPTY_TOGGLES = new FixedAnswer<TogglesResponse>({ toggles: [] });
