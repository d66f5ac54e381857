import { createHash } from 'node:crypto';
import type { Response } from 'express';
import type { FeaturesResponse, TogglesResponse } from './dto/features.response.js';

/** An answer that never changes, with the name by which a client asks whether it has. */
class FixedAnswer<Body extends object> {
  private readonly etag: string;

  constructor(private readonly body: Body) {
    this.etag = `"${createHash('sha256').update(JSON.stringify(body)).digest('base64url').slice(0, 16)}"`;
  }

  /** Express makes it a 304 for a client that has it. */
  send(response: Response): void {
    response.status(200).setHeader('ETag', this.etag);
    response.json(this.body);
  }
}

/** What SDKs in servers are told of flags where there is no Unleash. */
export const EMPTY_FEATURES = new FixedAnswer<FeaturesResponse>({ version: 2, features: [], segments: [] });

/** What SDKs in browsers are told. */
export const EMPTY_TOGGLES = new FixedAnswer<TogglesResponse>({ toggles: [] });
