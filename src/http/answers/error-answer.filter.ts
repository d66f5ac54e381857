import { type ArgumentsHost, Catch, type ExceptionFilter, Logger, Optional } from '@nestjs/common';
import type { Request, Response } from 'express';
import { RefusedRequests } from '../../refusals/refused-requests.js';
import { describeUnexpected, errorAnswerOf } from './error-answer.js';

/** Answers every error in the same format. Unexpected errors are logged with the id that the client receives. */
@Catch()
export class ErrorAnswerFilter implements ExceptionFilter {
  private readonly logger = new Logger(ErrorAnswerFilter.name);

  /** @param refusedRequests notes refused pushes; a filter outside of the module has none */
  constructor(@Optional() private readonly refusedRequests?: RefusedRequests) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const response = http.getResponse<Response>();
    const { status, headers, body, unexpected } = errorAnswerOf(error);
    this.refusedRequests?.noteAnswer(http.getRequest<Request>(), status, body);
    if (unexpected !== undefined) this.logger.error(...describeUnexpected(unexpected));
    if (response.headersSent) {
      // A stream has failed before its end. The connection is destroyed, because the client would take a regular end for success.
      response.destroy();
      return;
    }
    response.status(status).set(headers).json(body);
  }
}
