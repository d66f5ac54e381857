import {
  type CallHandler,
  type ExecutionContext,
  Inject,
  Injectable,
  type NestInterceptor,
  UseInterceptors,
} from '@nestjs/common';
import { type Observable, throwError, timeout } from 'rxjs';
import { CUSTOM_METRICS_OPTIONS, type CustomMetricsOptions } from '../../custom-metrics.options.js';
import { StoreUnavailableError } from '../../database/store-unavailable.error.js';
import { StoreWait, timeLeft, usableWait } from '../../database/store-wait.js';
import type { AuthorizedRequest } from '../api-token.guard.js';

/**
 * Limits how long a request waits for Postgres in total, regardless of the number of its statements. The time that the request
 * waited for its token counts as well.
 */
@Injectable()
export class StoreWaitInterceptor implements NestInterceptor {
  constructor(@Inject(CUSTOM_METRICS_OPTIONS) private readonly options: CustomMetricsOptions) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const { method, apiToken } = context.switchToHttp().getRequest<AuthorizedRequest>();
    const wait = new StoreWait(apiToken?.waitedMs);
    const first = timeLeft(usableWait(this.options.store.waitMs), wait);
    const outcome = method === 'GET' ? '' : ' The request may have been carried out nevertheless.';
    const error = () => new StoreUnavailableError(`Postgres did not answer in time (STORE_WAIT_MS).${outcome}`);
    return next.handle().pipe(timeout({ first, with: () => throwError(error) }));
  }
}

/**
 * Answers a request with 503 when it has waited for Postgres for `STORE_WAIT_MS`, but at least for a second. It is only for
 * routes whose statements are all short. Placed above `@JsonBody()`, it does not count the time in which the body arrives.
 */
export function WithinStoreWait(): MethodDecorator {
  return UseInterceptors(StoreWaitInterceptor);
}
