import { type CallHandler, type ExecutionContext, Injectable, type NestInterceptor } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { Response } from 'express';
import { map, type Observable } from 'rxjs';

/** Marks a handler that returns its answer instead of sending it. */
export const RETURNS_ANSWER = 'custom-metrics:returns-answer';

/**
 * Sends the value that a handler returns, as Nest would do after all interceptors. Interceptors of the host process the result
 * only after that and find no value, so they can't change the answer: a client of Prometheus, OpenTelemetry or Unleash would not
 * understand `{"data": …}`.
 */
@Injectable()
export class OwnAnswerInterceptor implements NestInterceptor {
  constructor(private readonly adapterHost: HttpAdapterHost) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    if (Reflect.getMetadata(RETURNS_ANSWER, context.getClass(), context.getHandler().name) !== true)
      return next.handle();
    const response = context.switchToHttp().getResponse<Response>();
    return next.handle().pipe(map((answer: unknown) => this.send(response, answer)));
  }

  private send(response: Response, answer: unknown): void {
    if (!response.headersSent) void this.adapterHost.httpAdapter.reply(response, answer);
  }
}
