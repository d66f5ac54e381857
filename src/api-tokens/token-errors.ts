import { ForbiddenException, UnauthorizedException } from '@nestjs/common';

/** No token, or one that is unknown, expired or revoked. The body is Unleash's, word for word: SDKs log it. */
export class TokenMissingError extends UnauthorizedException {
  constructor() {
    super({
      message:
        'This endpoint requires an API token. Please add an authorization header to your request with a valid token',
    });
  }
}

/** A token that is known and may not do this. */
export class TokenScopeError extends ForbiddenException {
  constructor() {
    super({ message: 'invalid token: expected a different token type for this endpoint' });
  }
}
