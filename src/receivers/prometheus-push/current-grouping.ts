import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { Request } from 'express';
import { type Grouping, groupingOf } from './grouping.js';

/** Injects the group that the path names. */
export const CurrentGrouping = createParamDecorator((_data: undefined, context: ExecutionContext): Grouping =>
  groupingOf(context.switchToHttp().getRequest<Request>().path),
);
