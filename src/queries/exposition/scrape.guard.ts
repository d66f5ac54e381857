import { type CanActivate, type ExecutionContext, Inject, Injectable } from '@nestjs/common';
import { RequestAdmission } from '../../api-tokens/request-admission.js';
import { CUSTOM_METRICS_OPTIONS, type CustomMetricsOptions } from '../../custom-metrics.options.js';

/** Lets every client scrape if `exposition.auth` is `none`. Otherwise a client needs a token with the scope `scrape`. */
@Injectable()
export class ScrapeGuard implements CanActivate {
  constructor(
    private readonly admission: RequestAdmission,
    @Inject(CUSTOM_METRICS_OPTIONS) private readonly options: CustomMetricsOptions,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    if (this.options.exposition.auth === 'none') return true;
    await this.admission.admit(context, 'scrape');
    return true;
  }
}
