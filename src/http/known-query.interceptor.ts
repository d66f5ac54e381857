import { type CallHandler, type ExecutionContext, Injectable, type NestInterceptor } from '@nestjs/common';
import { ROUTE_ARGS_METADATA } from '@nestjs/common/constants.js';
import { RouteParamtypes } from '@nestjs/common/enums/route-paramtypes.enum.js';
import type { Request } from 'express';
import type { Observable } from 'rxjs';
import { unknownProperty } from './dto.pipe.js';
import { BadDataError } from './answers/errors.js';

const NONE: ReadonlySet<string> = new Set();

/** Maximum number of unknown parameters in an answer, as in {@link DtoPipe}. */
const MAX_DETAILS = 20;

/**
 * Refuses query parameters on routes that have none. Routes with parameters have a `DtoPipe`, which refuses unknown ones, so a
 * parameter without effect is always an error.
 */
@Injectable()
export class KnownQueryInterceptor implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    if (takesQuery(context)) return next.handle();
    const { query } = context.switchToHttp().getRequest<Request>();
    const names = Object.keys(query);
    if (names.length === 0) return next.handle();
    throw new BadDataError(names.slice(0, MAX_DETAILS).map((name) => unknownProperty('query', name, NONE)));
  }
}

/** Returns whether the handler has a parameter with `@Query(…)`. Nest keys this metadata by kind and position, like `4:0`. */
function takesQuery(context: ExecutionContext): boolean {
  const parameters = (Reflect.getMetadata(ROUTE_ARGS_METADATA, context.getClass(), context.getHandler().name) ??
    {}) as Record<string, unknown>;
  return Object.keys(parameters).some((key) => key.startsWith(`${RouteParamtypes.QUERY}:`));
}
