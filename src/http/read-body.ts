import type { NextFunction, Request, Response } from 'express';
import { UnreadableBodyError } from './errors.js';

/** One of body-parser's. */
export type BodyParser = (request: Request, response: Response, next: NextFunction) => void;

/**
 * Sets `request.body`, unless a host that parses bodies globally has done it already.
 *
 * @throws UnreadableBodyError
 */
export async function readBody(parse: BodyParser, request: Request, response: Response): Promise<void> {
  if (request.body !== undefined) return;
  await new Promise<void>((resolve, reject) => {
    parse(request, response, (error?: unknown) => {
      if (error === undefined) resolve();
      else reject(unreadable(error));
    });
  });
}

/** body-parser's errors carry the status that fits. */
function unreadable(error: unknown): Error {
  if (!(error instanceof Error)) return new Error(String(error));
  const status = 'status' in error && typeof error.status === 'number' ? error.status : undefined;
  return status === undefined || status >= 500 ? error : new UnreadableBodyError(status, error.message);
}
