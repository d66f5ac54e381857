import type { IncomingMessage } from 'node:http';
import { Inject, Injectable } from '@nestjs/common';
import { CUSTOM_METRICS_OPTIONS, type CustomMetricsOptions } from '../../custom-metrics.options.js';
import { isOutage, waitOutOutage } from '../../database/outage.js';
import { StoreUnavailableError } from '../../database/store-unavailable.error.js';
import { usableWait } from '../../database/store-wait.js';
import type { ApiToken } from '../api-token.js';
import { ApiTokensService } from '../api-tokens.service.js';
import { FailedAttempts } from '../limits/failed-attempts.js';
import { TokenMissingError } from '../token-errors.js';
import { createSessionSecret, hashSecret, isSignInSecret, secretOf } from '../token-secret.js';
import { type OpenedSession, sessionScopesOf } from './session.js';
import { NoSessionError, NoSessionScopeError, SessionOfSessionError, SignInSecretError } from './session-errors.js';
import { type NewSession, SessionRepository } from './session.repository.js';

/**
 * Opens and ends sessions. A person exchanges a token for a session, so that the page in the browser stores only the secret of
 * the session, which expires. The guard treats this secret like the secret of a token.
 */
@Injectable()
export class SessionsService {
  private readonly failures: FailedAttempts;

  constructor(
    private readonly tokens: ApiTokensService,
    private readonly repository: SessionRepository,
    @Inject(CUSTOM_METRICS_OPTIONS) private readonly options: CustomMetricsOptions,
  ) {
    this.failures = new FailedAttempts(options.sessions.failuresPerMinute, 'SESSION_FAILURES_PER_MINUTE');
  }

  /**
   * Opens a session with the token or the one-time secret in the `Authorization` header.
   *
   * @throws TokenMissingError, SignInSecretError, NoSessionScopeError, SessionOfSessionError, FailedAttemptsError, or
   *   StoreUnavailableError
   */
  async open({ headers, socket }: IncomingMessage): Promise<OpenedSession> {
    const address = socket.remoteAddress ?? 'unknown';
    const secret = secretOf(headers.authorization);
    // A request without a token is not a guess.
    if (secret === undefined) throw new TokenMissingError();
    try {
      if (!isSignInSecret(secret)) return await this.openByToken(headers.authorization);
      // Sign-in secrets are not in memory, so each guess costs a query. The limit bounds the number of these queries.
      await this.failures.refuseAfterTooMany(address);
      return await this.openBySignIn(secret);
    } catch (error) {
      if (error instanceof TokenMissingError || error instanceof SignInSecretError) await this.failures.count(address);
      throw error;
    }
  }

  /**
   * Ends the session that sent a request.
   *
   * @throws NoSessionError if the request was sent with a token, or StoreUnavailableError
   */
  async end({ sessionId }: ApiToken): Promise<void> {
    if (sessionId === undefined) throw new NoSessionError();
    await this.store(() => this.repository.end(sessionId));
    await this.tokens.refresh();
  }

  private async openByToken(authorization: string | undefined): Promise<OpenedSession> {
    const parent = await this.tokens.authorize(authorization, undefined, usableWait(this.options.store.waitMs));
    if (parent.sessionId !== undefined) throw new SessionOfSessionError();
    if (sessionScopesOf(parent).length === 0) throw new NoSessionScopeError();
    // No session is opened if the token has just been revoked.
    return this.opened(
      (session) => this.repository.openByToken(parent.id, session),
      () => new TokenMissingError(),
    );
  }

  private openBySignIn(secret: string): Promise<OpenedSession> {
    return this.opened(
      (session) => this.repository.openBySignIn(hashSecret(secret), session),
      () => new SignInSecretError(),
    );
  }

  private async opened(open: (session: NewSession) => Promise<boolean>, refusal: () => Error): Promise<OpenedSession> {
    const { lifetimeSeconds, maxPerToken } = this.options.sessions;
    // Each attempt uses a new secret, because a statement whose answer was lost may already have stored the hash.
    const secret = await this.store(async () => {
      const attempt = createSessionSecret();
      return (await open({ hash: hashSecret(attempt), lifetimeSeconds, maxPerToken })) ? attempt : undefined;
    });
    if (secret === undefined) throw refusal();
    const token = await this.tokens.findCreated(hashSecret(secret), usableWait(this.options.store.waitMs));
    if (token === undefined) throw refusal();
    return { token, secret };
  }

  private async store<T>(statement: () => Promise<T>): Promise<T> {
    try {
      return await waitOutOutage(statement, this.options.store.waitMs);
    } catch (error) {
      if (isOutage(error))
        throw new StoreUnavailableError('Postgres is unavailable, so nobody can sign in or out at the moment.');
      throw error;
    }
  }
}
