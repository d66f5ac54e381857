import { ForbiddenException, UnauthorizedException } from '@nestjs/common';

/** The token is missing, unknown, expired or revoked. The message is literally that of Unleash, because SDKs log it. */
export class TokenMissingError extends UnauthorizedException {
  constructor() {
    super({
      message:
        'This endpoint requires an API token. Please add an authorization header to your request with a valid token',
    });
  }
}

/** The token is valid but lacks the scope. */
export class TokenScopeError extends ForbiddenException {
  constructor() {
    super({ message: 'invalid token: expected a different token type for this endpoint' });
  }
}
