import { createParamDecorator, type ExecutionContext, HttpException } from '@nestjs/common';
import type { Response } from 'express';

/** What nginx calls it; nobody reads the answer, but request metrics show it. */
const CLIENT_CLOSED_REQUEST = 499;

/** The client has hung up before it got its answer. */
export class ClientGoneError extends HttpException {
  constructor() {
    super({ message: 'The client closed the connection.' }, CLIENT_CLOSED_REQUEST);
  }
}

/** An AbortSignal that is aborted, with {@link ClientGoneError} as its reason, when nobody waits for the answer any more. */
export const ClientSignal = createParamDecorator((_data: undefined, context: ExecutionContext): AbortSignal => {
  const response = context.switchToHttp().getResponse<Response>();
  const controller = new AbortController();
  response.once('close', () => {
    if (!response.writableFinished) controller.abort(new ClientGoneError());
  });
  return controller.signal;
});
