import type { NestExpressApplication } from '@nestjs/platform-express';
import type { NextFunction, Request, Response } from 'express';
import { ErrorAnswerFilter } from '../http/answers/error-answer.filter.js';

const REPEATED_SLASHES = /\/{2,}/g;

/** What the server does around its routes; a host of the module decides these for itself. */
export function configureApp(app: NestExpressApplication): void {
  app.disable('x-powered-by');
  // Every answer is of this moment: an ETag would cost a hash and save nothing.
  app.set('etag', false);
  app.set('query parser', 'simple');
  app.use(collapseSlashes);
  app.useGlobalFilters(new ErrorAnswerFilter());
}

/** `//api///client` is `/api/client`, as in Unleash: a base URL with a slash at its end is an easy mistake. */
function collapseSlashes(request: Request, _response: Response, next: NextFunction): void {
  const queryStart = request.url.indexOf('?');
  const path = queryStart < 0 ? request.url : request.url.slice(0, queryStart);
  if (path.includes('//')) request.url = path.replace(REPEATED_SLASHES, '/') + request.url.slice(path.length);
  next();
}
