import {
  applyDecorators,
  type CallHandler,
  type ExecutionContext,
  Inject,
  Injectable,
  type NestInterceptor,
  SetMetadata,
  UseInterceptors,
} from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { ApiTooManyRequestsResponse } from '@nestjs/swagger';
import type { Response } from 'express';
import type { Observable } from 'rxjs';
import type { AuthorizedRequest } from '../../api-tokens/api-token.guard.js';
import { CUSTOM_METRICS_OPTIONS, type CustomMetricsOptions } from '../../custom-metrics.options.js';
import { HistoryShareError } from '../../http/answers/errors.js';
import { SharedSlots } from '../../http/connections/shared-slots.js';

const PLACES_METADATA = 'custom-metrics:history-places';

/** The number of places that a token can have for each free place. A single token can thus get three quarters of all places. */
const MULTIPLE_OF_FREE = 3;

/** Shares the places for history requests among tokens. */
@Injectable()
export class HistoryShares extends SharedSlots {
  constructor(@Inject(CUSTOM_METRICS_OPTIONS) { history }: CustomMetricsOptions) {
    super(history.requestsAtOnce, MULTIPLE_OF_FREE);
  }
}

/**
 * Refuses requests of a token that already has its share of the places for history requests, until its clients have received
 * their answers. Without this, one token with many slow clients could keep all other tokens from reading.
 */
@Injectable()
export class HistoryShareInterceptor implements NestInterceptor {
  constructor(
    private readonly shares: HistoryShares,
    private readonly reflector: Reflector,
  ) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const http = context.switchToHttp();
    const { id } = http.getRequest<AuthorizedRequest>().apiToken!;
    const places = this.reflector.getAllAndOverride<number>(PLACES_METADATA, [
      context.getHandler(),
      context.getClass(),
    ]);
    const response = http.getResponse<Response>();
    // If the response is already closed, its client has gone.
    if (response.destroyed) return next.handle();
    if (this.shares.take(id, places)) {
      response.once('close', () => this.shares.giveBack(id, places));
    } else if (this.shares.free >= places) {
      throw new HistoryShareError();
    }
    // If no place is free, ReadLimiter refuses the request with 503, because the token is not the cause.
    return next.handle();
  }
}

/**
 * Limits the share of one token in the concurrent history requests.
 *
 * @param places the number of places that a request of the route takes; an ordinary request takes one
 */
export function HistoryShare(places = 1): ClassDecorator & MethodDecorator {
  return applyDecorators(
    SetMetadata(PLACES_METADATA, places),
    UseInterceptors(HistoryShareInterceptor),
    ApiTooManyRequestsResponse({ description: 'The token has too many history requests in progress; try again later' }),
  );
}
