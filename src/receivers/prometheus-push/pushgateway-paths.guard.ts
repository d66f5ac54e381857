import { type CanActivate, type ExecutionContext, Inject, Injectable, NotFoundException } from '@nestjs/common';
import type { Request } from 'express';
import { CUSTOM_METRICS_OPTIONS, type CustomMetricsOptions } from '../../custom-metrics.options.js';

/** Answers with 404 at the paths of Pushgateway if they are switched off. */
@Injectable()
export class PushgatewayPathsGuard implements CanActivate {
  constructor(@Inject(CUSTOM_METRICS_OPTIONS) private readonly options: CustomMetricsOptions) {}

  canActivate(context: ExecutionContext): boolean {
    if (this.options.ingest.pushgatewayPaths) return true;
    const { method, path } = context.switchToHttp().getRequest<Request>();
    throw new NotFoundException(`There is no ${method} ${path}: PUSHGATEWAY_PATHS is off.`);
  }
}
