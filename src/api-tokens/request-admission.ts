import { type CanActivate, type ExecutionContext, Inject, Injectable } from '@nestjs/common';
import type { IncomingMessage } from 'node:http';
import type { AdmittedToken, Scope } from './api-token.js';
import { HOST_GUARD, senderByHostGuard } from './host-guard.js';
import { RequestAuthorization } from './request-authorization.js';
import { SenderTokens } from './sender-tokens.js';
import { SenderScopeError } from './token-errors.js';

/** Admits requests by their API token or, if the host has passed a guard of its own, by that guard. */
@Injectable()
export class RequestAdmission {
  constructor(
    private readonly authorization: RequestAuthorization,
    private readonly senders: SenderTokens,
    @Inject(HOST_GUARD) private readonly hostGuard: CanActivate | null,
  ) {}

  /**
   * @param scope the required scope; undefined accepts any token or sender
   * @returns the token of the request, or the one that stands for its sender
   * @throws an HttpException if the request is not admitted
   */
  async admit(context: ExecutionContext, scope: Scope | undefined): Promise<AdmittedToken> {
    if (this.hostGuard === null) {
      return this.authorization.authorize(context.switchToHttp().getRequest<IncomingMessage>(), scope);
    }
    const sender = await senderByHostGuard(this.hostGuard, context);
    const token = await this.senders.tokenOf(sender);
    if (scope !== undefined && !token.scopes.includes(scope)) throw new SenderScopeError(scope);
    return token;
  }
}
