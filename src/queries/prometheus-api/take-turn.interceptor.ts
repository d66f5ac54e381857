import { type CallHandler, type ExecutionContext, Injectable, type NestInterceptor } from '@nestjs/common';
import type { Observable } from 'rxjs';
import { Turns } from '../../scheduling/turns.js';

/**
 * Waits for a turn before the parameters of a request are read and its expression is parsed. Parsing a long expression takes
 * about fifty milliseconds and cannot be interrupted. Without the wait, a hundred expressions that arrive together would be
 * parsed without a pause.
 */
@Injectable()
export class TakeTurnInterceptor implements NestInterceptor {
  async intercept(_context: ExecutionContext, next: CallHandler): Promise<Observable<unknown>> {
    await new Turns().give();
    return next.handle();
  }
}
