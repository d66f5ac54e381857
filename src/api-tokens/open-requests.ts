import type { IncomingMessage } from 'node:http';
import { Injectable } from '@nestjs/common';
import type { ApiToken } from './api-token.js';

/** Represents all clients that read without a token where that is allowed. No token has this id. */
const ANYBODY: ApiToken = {
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

/** Remembers the requests that arrived on a port where reading needs no token. */
@Injectable()
export class OpenRequests {
  private readonly requests = new WeakSet<IncomingMessage>();

  /** Lets a request read without a token. */
  admit(request: IncomingMessage): void {
    this.requests.add(request);
  }

  has(request: IncomingMessage): boolean {
    return this.requests.has(request);
  }

  /** Returns the token that represents an admitted request; undefined for all other requests. */
  readerOf(request: IncomingMessage): ApiToken | undefined {
    return this.has(request) ? ANYBODY : undefined;
  }
}
