import { type ArgumentsHost, Catch, type ExceptionFilter, Logger } from '@nestjs/common';
import type { Response } from 'express';
import { describeUnexpected, errorAnswerOf } from './error-answer.js';

/** Answers every error in the same format. Unexpected errors are logged with the id that the client receives. */
@Catch()
export class ErrorAnswerFilter implements ExceptionFilter {
  private readonly logger = new Logger(ErrorAnswerFilter.name);

  catch(error: unknown, host: ArgumentsHost): void {
    const response = host.switchToHttp().getResponse<Response>();
    const { status, headers, body, unexpected } = errorAnswerOf(error);
    if (unexpected !== undefined) this.logger.error(...describeUnexpected(unexpected));
    if (response.headersSent) {
      // A stream has failed before its end. The connection is destroyed, because the client would take a normal end for success.
      response.destroy();
      return;
    }
    response.status(status).set(headers).json(body);
  }
}
