import type { ServerResponse } from 'node:http';
import { type CanActivate, type ExecutionContext, Injectable, type Provider } from '@nestjs/common';
import { InjectMetric, makeCounterProvider } from '@willsoto/nestjs-prometheus';
import type { Counter } from 'prom-client';

const REQUESTS = 'custom_metrics_http_requests_total';

/** Counts answered requests by status. */
@Injectable()
export class RequestMetrics {
  constructor(@InjectMetric(REQUESTS) private readonly requests: Counter<'method' | 'status'>) {}

  count(method: string, status: number): void {
    this.requests.inc({ method, status: String(status) });
  }
}

/**
 * Counts every request when it is answered. This is the first guard of every controller, because later guards and filters can
 * answer before interceptors run. A middleware would also run for paths of the host.
 */
@Injectable()
export class RequestMetricsGuard implements CanActivate {
  constructor(private readonly metrics: RequestMetrics) {}

  canActivate(context: ExecutionContext): boolean {
    const http = context.switchToHttp();
    const { method } = http.getRequest<{ method: string }>();
    const response = http.getResponse<ServerResponse>();
    response.once('finish', () => this.metrics.count(method, response.statusCode));
    return true;
  }
}

export const requestMetricsProviders: Provider[] = [
  makeCounterProvider({
    name: REQUESTS,
    help: 'Number of answered requests, by method and status',
    labelNames: ['method', 'status'],
  }),
  RequestMetrics,
];
