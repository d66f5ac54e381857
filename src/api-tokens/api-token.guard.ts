import {
  applyDecorators,
  type CanActivate,
  createParamDecorator,
  type ExecutionContext,
  Injectable,
  SetMetadata,
  UseGuards,
} from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { ApiForbiddenResponse, ApiSecurity, ApiUnauthorizedResponse } from '@nestjs/swagger';
import type { Request } from 'express';
import type { AdmittedToken, ApiToken, Scope } from './api-token.js';
import { OpenRequests } from './limits/open-requests.js';
import { RefusedRequests } from '../refusals/refused-requests.js';
import { RequestAdmission } from './request-admission.js';
import { TokenScopeError } from './token-errors.js';

const SCOPE_METADATA = 'custom-metrics:scope';

/** The scopes of routes that receive metrics. */
const PUSH_SCOPES: ReadonlySet<Scope> = new Set<Scope>(['ingest', 'frontend']);

/** A request with the token by which the guard has admitted it. The token is missing until the guard has run. */
export type AuthorizedRequest = Request & { apiToken?: AdmittedToken };

/**
 * Admits requests whose token or sender has the scope of the route, and requests to read on a port where reading needs no token.
 * The guard runs before the body is read, inflated or parsed.
 */
@Injectable()
export class ApiTokenGuard implements CanActivate {
  constructor(
    private readonly admission: RequestAdmission,
    private readonly openRequests: OpenRequests,
    private readonly refusedRequests: RefusedRequests,
    private readonly reflector: Reflector,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<AuthorizedRequest>();
    const scope = this.reflector.getAllAndOverride<Scope | undefined>(SCOPE_METADATA, [
      context.getHandler(),
      context.getClass(),
    ]);
    const reader = scope === 'read' ? this.openRequests.readerOf(request) : undefined;
    if (reader !== undefined) {
      request.apiToken = reader;
      return true;
    }
    const isPush = scope !== undefined && PUSH_SCOPES.has(scope) && request.method !== 'GET';
    if (isPush) this.refusedRequests.expect(request, null);
    try {
      request.apiToken = await this.admission.admit(context, scope);
    } catch (error) {
      if (isPush && error instanceof TokenScopeError) this.refusedRequests.expect(request, error.tokenId);
      throw error;
    }
    if (isPush) this.refusedRequests.expect(request, request.apiToken.id);
    return true;
  }
}

/** Requires a token with the given scope, or any token if no scope is given. */
export function RequireScope(scope?: Scope): ClassDecorator & MethodDecorator {
  return applyDecorators(
    SetMetadata(SCOPE_METADATA, scope),
    UseGuards(ApiTokenGuard),
    ApiSecurity('token'),
    ApiSecurity('basic'),
    ApiUnauthorizedResponse({ description: 'The token is missing, unknown, expired or revoked' }),
    ApiForbiddenResponse({ description: `The token lacks the scope ${scope ?? ''}` }),
  );
}

/** Injects the token of the request. */
export const CurrentToken = createParamDecorator((_data: undefined, context: ExecutionContext): ApiToken => {
  const { apiToken } = context.switchToHttp().getRequest<AuthorizedRequest>();
  if (apiToken === undefined) throw new Error('@CurrentToken() needs @RequireScope() on the route');
  return apiToken;
});
