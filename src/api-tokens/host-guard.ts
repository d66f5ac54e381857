import { type CanActivate, type ExecutionContext, ForbiddenException } from '@nestjs/common';
import { lastValueFrom } from 'rxjs';
import type { Temporality } from '../catalog/metric/metric.js';
import type { Scope } from './api-token.js';

/**
 * Describes the sender of a request. A guard of the host, which is passed as `guard` to `CustomMetricsModule.forRoot`, sets
 * this object as `request.customMetricsSender`.
 */
export interface MetricsSender {
  /**
   * Identifies the sender: the id of an account or a service, of 1 to 200 characters. It must be the same for every request of
   * this sender, and must not be secret. Limits that otherwise apply to each token apply to each name: the request rate, the
   * shares of memory and of queries, and the number of series. Values of `Idempotency-Key` are also kept apart by this name.
   */
  readonly name: string;
  /** The permissions of the sender. No scope implies another one. */
  readonly scopes: readonly Scope[];
  /** Labels that are added to every sample of the sender. They override the sample's own labels. */
  readonly labels?: Readonly<Record<string, string>>;
  /** The temporality of counter samples that do not set their own: `delta` or `cumulative`. */
  readonly defaultTemporality?: Temporality;
}

/**
 * A request that a guard of the host can admit.
 *
 * @example
 * ```ts
 * @Injectable()
 * export class MetricsGuard implements CanActivate {
 *   constructor(private readonly accounts: AccountsService) {}
 *
 *   async canActivate(context: ExecutionContext): Promise<boolean> {
 *     const request = context.switchToHttp().getRequest<Request & RequestWithMetricsSender>();
 *     const account = await this.accounts.ofRequest(request); // throws UnauthorizedException
 *     request.customMetricsSender = { name: account.id, scopes: ['ingest'], labels: { team: account.team } };
 *     return true;
 *   }
 * }
 * ```
 */
export interface RequestWithMetricsSender {
  customMetricsSender?: MetricsSender;
}

/** The injection token of the host's guard. The injected value is null if the host has no guard and API tokens decide. */
export const HOST_GUARD = Symbol('HOST_GUARD');

/**
 * Asks the guard of the host whether it admits a request, and returns the sender.
 *
 * @throws ForbiddenException if the guard does not admit the request, Error if it sets no sender, or any error of the guard
 *   itself
 */
export async function senderByHostGuard(guard: CanActivate, context: ExecutionContext): Promise<MetricsSender> {
  const verdict = await guard.canActivate(context);
  const isAdmitted = typeof verdict === 'boolean' ? verdict : await lastValueFrom(verdict);
  if (!isAdmitted) throw new ForbiddenException({ message: 'The guard of this app does not admit the request.' });
  const { customMetricsSender } = context.switchToHttp().getRequest<RequestWithMetricsSender>();
  if (customMetricsSender === undefined) {
    throw new Error(
      `The guard ${guard.constructor.name} of CustomMetricsModule has admitted a request without setting ` +
        '`request.customMetricsSender`, so it is not known who sends it and what it may do.',
    );
  }
  return customMetricsSender;
}
