import type { IncomingMessage } from 'node:http';
import { Injectable } from '@nestjs/common';
import { RecentRefusals } from './recent-refusals.js';

/** The reasons why whole requests are refused, by status. Other statuses are temporary errors or not refusals. */
const REASONS: Readonly<Record<number, string>> = {
  400: 'request_invalid',
  401: 'token_unknown',
  403: 'token_not_allowed',
  413: 'request_too_large',
  415: 'content_type_unknown',
  422: 'idempotency_key_reused',
  429: 'too_many_requests',
};

/** Records pushes that were refused as a whole, because many clients do not show the answer to their users. */
@Injectable()
export class RefusedRequests {
  /** The ids of the tokens of running pushes. An id is null while the token is unknown. */
  private readonly pushes = new WeakMap<IncomingMessage, number | null>();

  constructor(private readonly recent: RecentRefusals) {}

  /** Marks a request as a push, so that its refusal is recorded. */
  expect(request: IncomingMessage, tokenId: number | null): void {
    this.pushes.set(request, tokenId);
  }

  /** Records the answer to a request if the request is a push and the answer is a refusal. */
  noteAnswer(request: IncomingMessage, status: number, body: Readonly<Record<string, unknown>>): void {
    const tokenId = this.pushes.get(request);
    const reason = REASONS[status];
    if (tokenId === undefined || reason === undefined) return;
    this.recent.note([{ tokenId, reason, message: messageOf(body) }]);
  }
}

/**
 * Returns the message of the first detail, because it is more exact than the general message, which is used if there are no
 * details.
 */
function messageOf({ message, details }: Readonly<Record<string, unknown>>): string {
  const [first] = (Array.isArray(details) ? details : []) as { readonly message?: unknown }[];
  const text = first?.message ?? message;
  return typeof text === 'string' ? text : '';
}
