import { type CallHandler, type ExecutionContext, Injectable, type NestInterceptor } from '@nestjs/common';
import type { Request } from 'express';
import type { Observable } from 'rxjs';
import { unknownProperty } from './dto.pipe.js';
import { BadDataError } from './answers/errors.js';
import { queryOf, takesQuery } from './request-parts.js';

const NONE: ReadonlySet<string> = new Set();

/** Maximum number of unknown parameters that an answer lists, as in {@link DtoPipe}. */
const MAX_DETAILS = 20;

/**
 * Refuses query parameters on routes that have none. Routes with query parameters have a `DtoPipe`, which refuses unknown ones.
 * So a parameter that has no effect is always refused.
 */
@Injectable()
export class KnownQueryInterceptor implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    if (takesQuery(context)) return next.handle();
    const { originalUrl } = context.switchToHttp().getRequest<Request>();
    const names = Object.keys(queryOf(originalUrl));
    if (names.length === 0) return next.handle();
    throw new BadDataError(names.slice(0, MAX_DETAILS).map((name) => unknownProperty('query', name, NONE)));
  }
}
