import type { IncomingMessage } from 'node:http';
import { Injectable } from '@nestjs/common';
import type { ApiToken } from '../api-token.js';

/** The token that stands for all clients that read without a token, where that is allowed. No real token has its id. */
const OPEN_TOKEN: ApiToken = {
  id: 0,
  name: 'anybody',
  scopes: ['read'],
  labels: {},
  defaultTemporality: null,
  createdAt: new Date(0),
  expiresAt: null,
  revokedAt: null,
  lastUsedAt: null,
};

/** Remembers which requests arrived on a port where reading needs no token. */
@Injectable()
export class OpenRequests {
  private readonly requests = new WeakSet<IncomingMessage>();

  /** Allows a request to read without a token. */
  admit(request: IncomingMessage): void {
    this.requests.add(request);
  }

  has(request: IncomingMessage): boolean {
    return this.requests.has(request);
  }

  /** Returns the token that stands for clients without one, if the request was admitted; otherwise undefined. */
  readerOf(request: IncomingMessage): ApiToken | undefined {
    return this.has(request) ? OPEN_TOKEN : undefined;
  }
}
