import { ForbiddenException, UnauthorizedException } from '@nestjs/common';

/**
 * The error for a token that is missing, unknown, expired or revoked. Its message is exactly that of Unleash, because SDKs log
 * it.
 */
export class TokenMissingError extends UnauthorizedException {
  constructor() {
    super({
      message:
        'This endpoint requires an API token. Please add an authorization header to your request with a valid token',
    });
  }
}

/** The error for a valid token that lacks the required scope. */
export class TokenScopeError extends ForbiddenException {
  /** @param tokenId the id of the token, for the operator; the answer does not contain it */
  constructor(readonly tokenId: number) {
    super({ message: 'invalid token: expected a different token type for this endpoint' });
  }
}

/** The error for a sender of the host's guard that lacks the required scope. */
export class SenderScopeError extends ForbiddenException {
  constructor(scope: string) {
    super({ message: `This route needs the scope ${scope}, which this app has not given to the sender.` });
  }
}

/** The error for a sender whose row was revoked. */
export class SenderRevokedError extends ForbiddenException {
  constructor() {
    super({ message: 'This sender was revoked.' });
  }
}

/** The error for a new sender when there are as many senders as allowed. */
export class TooManySendersError extends ForbiddenException {
  constructor(limit: number) {
    super({
      message:
        `${limit} senders are known, which is the limit (the option tokens.maxSenders). A sender is an account or a service, and not a ` +
        'single request or a person.',
    });
  }
}
