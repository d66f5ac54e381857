import { type CanActivate, type ExecutionContext, Inject, Injectable } from '@nestjs/common';
import type { Response } from 'express';
import type { AuthorizedRequest } from '../api-token.guard.js';
import { RateLimiter } from './rate-limiter.js';

/**
 * Limits the request rate of a token. The guard runs after the token guard, so that nobody can use up another token's limit.
 */
@Injectable()
export class IngestRateLimitGuard implements CanActivate {
  constructor(@Inject(RateLimiter) private readonly limiter: RateLimiter) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const http = context.switchToHttp();
    const { apiToken } = http.getRequest<AuthorizedRequest>();
    const response = http.getResponse<Response>();
    await this.limiter.consume(apiToken!.id, (name, value) => response.setHeader(name, value));
    return true;
  }
}
