import type { IncomingMessage } from 'node:http';
import { Inject, Injectable } from '@nestjs/common';
import { CUSTOM_METRICS_OPTIONS, type CustomMetricsOptions } from '../custom-metrics.options.js';
import { usableWait } from '../database/store-wait.js';
import type { AdmittedToken, Scope } from './api-token.js';
import { ApiTokensService } from './api-tokens.service.js';
import { FailedAttempts } from './limits/failed-attempts.js';
import { TokenMissingError } from './token-errors.js';
import { secretOf } from './token-secret.js';

/**
 * Checks the token of a request, and limits guesses from one address. A valid token always passes, so that clients behind the
 * same proxy do not affect each other; the limit applies to unknown tokens only.
 */
@Injectable()
export class RequestAuthorization {
  private readonly failures: FailedAttempts;

  constructor(
    private readonly tokens: ApiTokensService,
    @Inject(CUSTOM_METRICS_OPTIONS) private readonly options: CustomMetricsOptions,
  ) {
    this.failures = new FailedAttempts(options.tokens.failuresPerMinute, 'TOKEN_FAILURES_PER_MINUTE');
  }

  /**
   * @param scope the required scope; undefined accepts any token
   * @throws TokenMissingError, TokenScopeError, FailedAttemptsError, or StoreUnavailableError if the token can't be checked
   */
  async authorize({ headers, socket }: IncomingMessage, scope: Scope | undefined): Promise<AdmittedToken> {
    const { authorization } = headers;
    // A request without a token is not a guess.
    if (secretOf(authorization) === undefined) throw new TokenMissingError();
    try {
      return await this.tokens.authorize(authorization, scope, usableWait(this.options.store.waitMs));
    } catch (error) {
      if (error instanceof TokenMissingError) await this.failures.count(socket.remoteAddress ?? 'unknown');
      throw error;
    }
  }
}
