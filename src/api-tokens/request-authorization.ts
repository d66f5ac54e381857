import type { IncomingMessage } from 'node:http';
import { Inject, Injectable } from '@nestjs/common';
import { CUSTOM_METRICS_OPTIONS, type CustomMetricsOptions } from '../custom-metrics.options.js';
import type { ApiToken, Scope } from './api-token.js';
import { ApiTokensService } from './api-tokens.service.js';
import { FailedAttempts } from './failed-attempts.js';
import { TokenMissingError } from './token-errors.js';
import { secretOf } from './token-secret.js';

/**
 * Checks the token of a request, and limits the guesses from one address. A valid token always passes, so that clients behind
 * one proxy do not affect each other; the limit applies to unknown tokens only.
 */
@Injectable()
export class RequestAuthorization {
  private readonly failures: FailedAttempts;

  constructor(
    private readonly tokens: ApiTokensService,
    @Inject(CUSTOM_METRICS_OPTIONS) { tokens: { failuresPerMinute } }: CustomMetricsOptions,
  ) {
    this.failures = new FailedAttempts(failuresPerMinute);
  }

  /**
   * @param scope the required scope; undefined accepts any token
   * @throws TokenMissingError, TokenScopeError, FailedAttemptsError, or StoreUnavailableError if the token can't be checked
   */
  async authorize({ headers, socket }: IncomingMessage, scope: Scope | undefined): Promise<ApiToken> {
    const { authorization } = headers;
    // A request without a token is not a guess.
    if (secretOf(authorization) === undefined) throw new TokenMissingError();
    try {
      return await this.tokens.authorize(authorization, scope);
    } catch (error) {
      if (error instanceof TokenMissingError) await this.failures.count(socket.remoteAddress ?? 'unknown');
      throw error;
    }
  }
}
