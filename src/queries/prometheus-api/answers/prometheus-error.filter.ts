import { type ArgumentsHost, Catch, type ExceptionFilter, Logger } from '@nestjs/common';
import type { Response } from 'express';
import { describeUnexpected } from '../../../http/answers/error-answer.js';
import { prometheusAnswerOf } from './prometheus-answer.js';

/** Answers every error in Prometheus' format. Unexpected errors are logged with the id that the client receives. */
@Catch()
export class PrometheusErrorFilter implements ExceptionFilter {
  private readonly logger = new Logger(PrometheusErrorFilter.name);

  catch(error: unknown, host: ArgumentsHost): void {
    const response = host.switchToHttp().getResponse<Response>();
    const { answer, unexpected } = prometheusAnswerOf(error);
    if (unexpected !== undefined) this.logger.error(...describeUnexpected(unexpected));
    if (response.headersSent) {
      // A stream has failed before its end. The connection is destroyed, because the client would otherwise take the answer for
      // complete.
      response.destroy();
      return;
    }
    const { errorType, message, retryAfterSeconds } = answer;
    if (retryAfterSeconds !== undefined) response.set('Retry-After', String(retryAfterSeconds));
    if (answer.status === 401) response.set('WWW-Authenticate', 'Bearer realm="custom metrics"');
    response.status(answer.status).json({ status: 'error', errorType, error: message });
  }
}
