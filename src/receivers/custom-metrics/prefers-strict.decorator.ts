import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { Request } from 'express';
import { prefersStrict } from './prefer.js';

/**
 * Whether the sender wants one bad item to refuse the whole batch. It is not `@Headers()`, which would add a second,
 * required header to the OpenAPI document.
 */
export const PrefersStrict = createParamDecorator((_data: undefined, context: ExecutionContext): boolean =>
  prefersStrict(context.switchToHttp().getRequest<Request>().headers.prefer),
);
