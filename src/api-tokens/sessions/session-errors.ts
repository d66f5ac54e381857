import { ForbiddenException, UnauthorizedException } from '@nestjs/common';

/** The error for a sign-in secret that was used, has expired or never existed. */
export class SignInSecretError extends UnauthorizedException {
  constructor() {
    super({
      message:
        'This link has already been used or has expired. Create another one with `npm run tokens -- link`, or sign in with a token.',
    });
  }
}

/**
 * The error for a session that tries to open another one. This is refused, because a session could otherwise extend itself
 * forever.
 */
export class SessionOfSessionError extends ForbiddenException {
  constructor() {
    super({ message: 'A session cannot open another session: sign in with a token.' });
  }
}

/** The error for a token that has none of the scopes that a session can have. */
export class NoSessionScopeError extends ForbiddenException {
  constructor() {
    super({ message: 'Signing in needs a token with the scope read or admin, and this token has neither.' });
  }
}

/** The error for a request that asks to end its session but was sent with a token. */
export class NoSessionError extends ForbiddenException {
  constructor() {
    super({ message: 'This request was sent with a token and not by a session, so there is no session to end.' });
  }
}
