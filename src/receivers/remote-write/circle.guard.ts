import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import type { Request } from 'express';
import { CirclePrevention } from '../../forwarding/circle/circle-prevention.js';
import { INSTALLATIONS_HEADER } from '../../forwarding/circle/installations-header.js';
import { ForwardingCircleError } from '../../http/answers/errors.js';

/** Refuses samples that this service has forwarded itself. */
@Injectable()
export class CircleGuard implements CanActivate {
  constructor(private readonly circles: CirclePrevention) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const header = context.switchToHttp().getRequest<Request>().headers[INSTALLATIONS_HEADER];
    if (typeof header === 'string' && (await this.circles.isCircle(header))) throw new ForwardingCircleError();
    return true;
  }
}
