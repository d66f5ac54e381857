import { Injectable, type NestMiddleware } from '@nestjs/common';
import type { NextFunction, Request, Response } from 'express';

const PREFLIGHT_MAX_AGE_SECONDS = 24 * 3600;

/**
 * Lets web pages of any origin use the frontend API, as Unleash does by default. This is safe, because frontend tokens are not
 * secret and no cookie is read. The headers are set by a middleware so that refusals have them as well; without them a browser
 * hides the status from the page.
 */
@Injectable()
export class FrontendCorsMiddleware implements NestMiddleware {
  use(request: Request, response: Response, next: NextFunction): void {
    response.setHeader('Access-Control-Allow-Origin', '*');
    response.setHeader('Access-Control-Expose-Headers', 'ETag, Retry-After');
    if (request.method === 'OPTIONS') {
      response.setHeader('Access-Control-Allow-Methods', 'GET, POST');
      // SDKs send headers of their own, and apps may add more. All are allowed, because none of them has an effect on these
      // routes.
      const asked = request.headers['access-control-request-headers'];
      if (asked !== undefined) response.setHeader('Access-Control-Allow-Headers', asked);
      response.setHeader('Access-Control-Max-Age', String(PREFLIGHT_MAX_AGE_SECONDS));
      response.setHeader('Vary', 'Access-Control-Request-Headers');
    }
    next();
  }
}
