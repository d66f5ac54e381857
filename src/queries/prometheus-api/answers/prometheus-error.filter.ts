import { type ArgumentsHost, Catch, type ExceptionFilter, HttpException, Logger } from '@nestjs/common';
import type { Response } from 'express';
import { describeUnexpected, errorAnswerOf } from '../../../http/answers/error-answer.js';
import { errorTypeOf, PrometheusError } from './prometheus.error.js';

/** Answers every error in Prometheus' format; an unexpected error is logged with the id that the client gets. */
@Catch()
export class PrometheusErrorFilter implements ExceptionFilter {
  private readonly logger = new Logger(PrometheusErrorFilter.name);

  catch(error: unknown, host: ArgumentsHost): void {
    const response = host.switchToHttp().getResponse<Response>();
    const { answer, unexpected } = prometheusAnswerOf(error);
    if (unexpected !== undefined) this.logger.error(...describeUnexpected(unexpected));
    if (response.headersSent) {
      // A stream failed in the middle: the connection is cut, because the client would otherwise take the answer for complete.
      response.destroy();
      return;
    }
    const { errorType, message, retryAfterSeconds } = answer;
    if (retryAfterSeconds !== undefined) response.set('Retry-After', String(retryAfterSeconds));
    if (answer.status === 401) response.set('WWW-Authenticate', 'Bearer realm="custom metrics"');
    response.status(answer.status).json({ status: 'error', errorType, error: message });
  }
}

function prometheusAnswerOf(error: unknown): {
  answer: PrometheusError;
  unexpected?: ReturnType<typeof errorAnswerOf>['unexpected'];
} {
  if (error instanceof PrometheusError) return { answer: error };
  const { status, headers, body, unexpected } = errorAnswerOf(error);
  const retryAfter = headers['Retry-After'];
  const errorType = status === 503 ? 'unavailable' : errorTypeOf(status);
  const message = error instanceof HttpException ? error.message : String(body.message);
  return {
    answer: new PrometheusError(errorType, message, retryAfter === undefined ? undefined : Number(retryAfter)),
    unexpected,
  };
}
