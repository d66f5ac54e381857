import { type ArgumentsHost, Catch, type ExceptionFilter, Logger, Optional } from '@nestjs/common';
import type { Request, Response } from 'express';
import { RefusedRequests } from '../../refusals/refused-requests.js';
import { describeUnexpected, type ErrorAnswer, errorAnswerOf } from './error-answer.js';

/** Answers every error in the same format. Unexpected errors are logged with the id that the client receives. */
@Catch()
export class ErrorAnswerFilter implements ExceptionFilter {
  private readonly logger = new Logger(this.constructor.name);

  /** @param refusedRequests records refused pushes; undefined for a filter that was created outside the module */
  constructor(@Optional() private readonly refusedRequests?: RefusedRequests) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const request = http.getRequest<Request>();
    const response = http.getResponse<Response>();
    const answer = errorAnswerOf(error);
    this.refusedRequests?.noteAnswer(request, answer.status, answer.body);
    if (answer.unexpected !== undefined) this.logger.error(...describeUnexpected(answer.unexpected));
    if (response.headersSent) {
      // The stream failed before its end. The connection is destroyed, because the client would take a regular end for success.
      response.destroy();
      return;
    }
    this.send(response, answer, request);
  }

  /** Sends the answer as JSON. A subclass overrides this method if its protocol has another format. */
  protected send(response: Response, { status, headers, body }: ErrorAnswer, _request: Request): void {
    response.status(status).set(headers).json(body);
  }
}
