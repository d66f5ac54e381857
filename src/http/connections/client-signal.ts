import { createParamDecorator, type ExecutionContext, HttpException } from '@nestjs/common';
import type { Response } from 'express';

/**
 * The status that nginx uses for a client that has disconnected. Nobody receives the answer, and the request metrics do not count
 * the request.
 */
const CLIENT_CLOSED_REQUEST = 499;

/** The error for a client that has disconnected before it received its answer. */
export class ClientGoneError extends HttpException {
  constructor() {
    super({ message: 'The client closed the connection.' }, CLIENT_CLOSED_REQUEST);
  }
}

/**
 * Injects an AbortSignal that is aborted with {@link ClientGoneError} when the client disconnects before its answer is complete.
 */
export const ClientSignal = createParamDecorator((_data: undefined, context: ExecutionContext): AbortSignal => {
  const response = context.switchToHttp().getResponse<Response>();
  const controller = new AbortController();
  response.once('close', () => {
    if (!response.writableFinished) controller.abort(new ClientGoneError());
  });
  return controller.signal;
});
