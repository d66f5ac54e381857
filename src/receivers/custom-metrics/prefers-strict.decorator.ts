import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { Request } from 'express';
import { prefersStrict } from './prefer.js';

/**
 * Injects whether the client wants the whole batch to be refused if one item is bad. This decorator is used instead of
 * `@Headers()`, which would add a second, required header to the OpenAPI document.
 */
export const PrefersStrict = createParamDecorator((_data: undefined, context: ExecutionContext): boolean =>
  prefersStrict(context.switchToHttp().getRequest<Request>().headers.prefer),
);
