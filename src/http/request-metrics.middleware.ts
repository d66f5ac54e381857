import type { IncomingMessage, ServerResponse } from 'node:http';
import { Injectable, type NestMiddleware, type Provider } from '@nestjs/common';
import { InjectMetric, makeCounterProvider } from '@willsoto/nestjs-prometheus';
import type { Counter } from 'prom-client';

const REQUESTS = 'custom_metrics_http_requests_total';

/** Counts requests by status. This is a middleware, because guards and filters can answer before interceptors run. */
@Injectable()
export class RequestMetricsMiddleware implements NestMiddleware {
  constructor(@InjectMetric(REQUESTS) private readonly requests: Counter<'method' | 'status'>) {}

  use(request: IncomingMessage, response: ServerResponse, next: () => void): void {
    response.once('finish', () => this.count(request.method ?? '', response.statusCode));
    next();
  }

  count(method: string, status: number): void {
    this.requests.inc({ method, status: String(status) });
  }
}

export const requestMetricsProviders: Provider[] = [
  makeCounterProvider({
    name: REQUESTS,
    help: 'Number of answered requests, by method and status',
    labelNames: ['method', 'status'],
  }),
  RequestMetricsMiddleware,
];
