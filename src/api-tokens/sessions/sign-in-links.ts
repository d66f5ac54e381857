import { Injectable } from '@nestjs/common';
import { createSignInSecret, hashSecret } from '../token-secret.js';
import { SessionRepository } from './session.repository.js';

/** How long a link is valid. The time is short, because links are shown on terminals and sent in messages. */
export const SIGN_IN_LINK_SECONDS = 15 * 60;

/** Maximum number of unused links of one token. A further one replaces the oldest. */
const MAX_UNUSED = 20;

/** A secret that opens one session, and the token that the session will belong to. */
export interface SignInLink {
  readonly secret: string;
  readonly tokenName: string;
}

/**
 * Creates secrets that open one session each. A sign-in link to the explorer contains one, so that nobody has to type a token.
 */
@Injectable()
export class SignInLinks {
  constructor(private readonly repository: SessionRepository) {}

  /**
   * @param tokenId the token that the session will belong to; by default the oldest one with both scopes of a session, or with
   *   one if none has both
   * @returns undefined if the given token can't have sessions, or if none is given and no token can
   */
  async create(tokenId?: number): Promise<SignInLink | undefined> {
    const secret = createSignInSecret();
    const tokenName = await this.repository.createSignIn(hashSecret(secret), {
      lifetimeSeconds: SIGN_IN_LINK_SECONDS,
      max: MAX_UNUSED,
      tokenId,
    });
    return tokenName === undefined ? undefined : { secret, tokenName };
  }
}
