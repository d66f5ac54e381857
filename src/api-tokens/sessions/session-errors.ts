import { ForbiddenException, UnauthorizedException } from '@nestjs/common';

/** The error for a sign-in secret that does not exist, no longer or not at all. */
export class SignInSecretError extends UnauthorizedException {
  constructor() {
    super({
      message:
        'This link has been used already, or has expired. `npm run tokens -- link` makes another one, or sign in with a token.',
    });
  }
}

/** The error for a session that tries to open another one, which would never end. */
export class SessionOfSessionError extends ForbiddenException {
  constructor() {
    super({ message: 'A session cannot open another session: sign in with a token.' });
  }
}

/** The error for a token whose scopes a session can't take over. */
export class NoSessionScopeError extends ForbiddenException {
  constructor() {
    super({ message: 'Signing in needs a token with the scope read or admin, and this token has neither.' });
  }
}

/** The error for a request that ends its session, but was sent with a token. */
export class NoSessionError extends ForbiddenException {
  constructor() {
    super({ message: 'This request was sent with a token and not by a session, so there is no session to end.' });
  }
}
