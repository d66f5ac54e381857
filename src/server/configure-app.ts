import type { NestExpressApplication } from '@nestjs/platform-express';
import type { NextFunction, Request, Response } from 'express';
import { ErrorAnswerFilter } from '../http/answers/error-answer.filter.js';

const REPEATED_SLASHES = /\/{2,}/g;

/** Configures the parts of the server around its routes. A host of the module configures these itself. */
export function configureApp(app: NestExpressApplication): void {
  app.disable('x-powered-by');
  // Answers change all the time, so an ETag would cost a hash and save nothing.
  app.set('etag', false);
  app.set('query parser', 'simple');
  app.use(collapseSlashes);
  app.useGlobalFilters(new ErrorAnswerFilter());
}

/** Treats `//api///client` as `/api/client`, as Unleash does, because a base URL with a slash at its end is a common mistake. */
function collapseSlashes(request: Request, _response: Response, next: NextFunction): void {
  const queryStart = request.url.indexOf('?');
  const path = queryStart < 0 ? request.url : request.url.slice(0, queryStart);
  if (path.includes('//')) request.url = path.replace(REPEATED_SLASHES, '/') + request.url.slice(path.length);
  next();
}
