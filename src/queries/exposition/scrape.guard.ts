import type { IncomingMessage } from 'node:http';
import { type CanActivate, type ExecutionContext, Inject, Injectable } from '@nestjs/common';
import { RequestAuthorization } from '../../api-tokens/request-authorization.js';
import { CUSTOM_METRICS_OPTIONS, type CustomMetricsOptions } from '../../custom-metrics.options.js';

/** Lets every client scrape, or with `exposition.auth: 'token'` only tokens with the scope `scrape`. */
@Injectable()
export class ScrapeGuard implements CanActivate {
  constructor(
    private readonly authorization: RequestAuthorization,
    @Inject(CUSTOM_METRICS_OPTIONS) private readonly options: CustomMetricsOptions,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    if (this.options.exposition.auth === 'none') return true;
    await this.authorization.authorize(context.switchToHttp().getRequest<IncomingMessage>(), 'scrape');
    return true;
  }
}
