import { type CanActivate, type ExecutionContext, Inject, Injectable } from '@nestjs/common';
import { ApiTokensService } from '../api-tokens/api-tokens.service.js';
import { CUSTOM_METRICS_OPTIONS, type CustomMetricsOptions } from '../custom-metrics.options.js';

/** Lets everybody scrape, or with `exposition.auth: 'token'` only tokens with the scope `scrape`. */
@Injectable()
export class ScrapeGuard implements CanActivate {
  constructor(
    private readonly tokens: ApiTokensService,
    @Inject(CUSTOM_METRICS_OPTIONS) private readonly options: CustomMetricsOptions,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    if (this.options.exposition.auth === 'none') return true;
    const request = context.switchToHttp().getRequest<{ headers: { authorization?: string } }>();
    await this.tokens.authorize(request.headers.authorization, 'scrape');
    return true;
  }
}
