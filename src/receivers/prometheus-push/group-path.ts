import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { Request } from 'express';

/** Injects the path that names a group, as it was sent. */
export const GroupPath = createParamDecorator(
  (_data: undefined, context: ExecutionContext): string => context.switchToHttp().getRequest<Request>().path,
);
