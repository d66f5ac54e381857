import { type ArgumentsHost, Catch, type ExceptionFilter, Logger } from '@nestjs/common';
import type { Response } from 'express';
import { describeUnexpected, errorAnswerOf } from './error-answer.js';

/** Answers every error in one form; what nobody expected goes to the log, with the id that the client is told. */
@Catch()
export class ErrorAnswerFilter implements ExceptionFilter {
  private readonly logger = new Logger(ErrorAnswerFilter.name);

  catch(error: unknown, host: ArgumentsHost): void {
    const response = host.switchToHttp().getResponse<Response>();
    const { status, headers, body, unexpected } = errorAnswerOf(error);
    if (unexpected !== undefined) this.logger.error(...describeUnexpected(unexpected));
    if (response.headersSent) {
      // A stream broke in the middle: cutting the connection is the only honest end, the client would take it for complete.
      response.destroy();
      return;
    }
    response.status(status).set(headers).json(body);
  }
}
