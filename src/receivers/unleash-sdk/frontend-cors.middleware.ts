import { Injectable, type NestMiddleware } from '@nestjs/common';
import type { NextFunction, Request, Response } from 'express';

const PREFLIGHT_MAX_AGE_SECONDS = 24 * 3600;

/**
 * Lets pages of any origin use the frontend API, as Unleash does by default: its tokens are no secrets, and no cookie is read.
 * A middleware, so that refusals carry the headers as well; without them a browser hides the status from the page.
 */
@Injectable()
export class FrontendCorsMiddleware implements NestMiddleware {
  use(request: Request, response: Response, next: NextFunction): void {
    response.setHeader('Access-Control-Allow-Origin', '*');
    response.setHeader('Access-Control-Expose-Headers', 'ETag, Retry-After');
    if (request.method === 'OPTIONS') {
      response.setHeader('Access-Control-Allow-Methods', 'GET, POST');
      // SDKs send headers of their own, and apps may add some; none means anything here.
      const asked = request.headers['access-control-request-headers'];
      if (asked !== undefined) response.setHeader('Access-Control-Allow-Headers', asked);
      response.setHeader('Access-Control-Max-Age', String(PREFLIGHT_MAX_AGE_SECONDS));
      response.setHeader('Vary', 'Access-Control-Request-Headers');
    }
    next();
  }
}
