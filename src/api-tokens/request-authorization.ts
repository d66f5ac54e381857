import type { IncomingMessage } from 'node:http';
import { Inject, Injectable } from '@nestjs/common';
import { CUSTOM_METRICS_OPTIONS, type CustomMetricsOptions } from '../custom-metrics.options.js';
import type { ApiToken, Scope } from './api-token.js';
import { ApiTokensService } from './api-tokens.service.js';
import { FailedAttempts } from './failed-attempts.js';
import { TokenMissingError } from './token-errors.js';
import { secretOf } from './token-secret.js';

/**
 * Checks the token of a request, and bounds guesses from one address. A good token passes whatever came from its address
 * before, so clients behind one proxy do not suffer from each other; the limit is only for tokens that are not known.
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
   * @param scope undefined = any token will do
   * @throws TokenMissingError, TokenScopeError, FailedAttemptsError, or StoreUnavailableError when the token can't be checked
   */
  async authorize({ headers, socket }: IncomingMessage, scope: Scope | undefined): Promise<ApiToken> {
    const { authorization } = headers;
    // Who sends no token does not guess.
    if (secretOf(authorization) === undefined) throw new TokenMissingError();
    try {
      return await this.tokens.authorize(authorization, scope);
    } catch (error) {
      if (error instanceof TokenMissingError) await this.failures.count(socket.remoteAddress ?? 'unknown');
      throw error;
    }
  }
}
