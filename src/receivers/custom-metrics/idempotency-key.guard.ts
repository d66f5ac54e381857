import { type CanActivate, createParamDecorator, type ExecutionContext, Injectable } from '@nestjs/common';
import type { RequestWithBodyHash } from '../../http/bodies/json-body.js';
import { readIdempotencyKey, type RequestIdentity } from './idempotency-key.js';

type KeyedRequest = RequestWithBodyHash & { idempotencyKey?: string };

/** Refuses a request with an invalid Idempotency-Key before its body is read. */
@Injectable()
export class IdempotencyKeyGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const request = context.switchToHttp().getRequest<KeyedRequest>();
    request.idempotencyKey = readIdempotencyKey(request.headers['idempotency-key']);
    return true;
  }
}

/** Injects the identity that the client gave its request, or undefined if there is no Idempotency-Key. */
export const CurrentIdentity = createParamDecorator(
  (_data: undefined, context: ExecutionContext): RequestIdentity | undefined => {
    const { idempotencyKey: key, bodyHash } = context.switchToHttp().getRequest<KeyedRequest>();
    return key === undefined || bodyHash === undefined ? undefined : { key, bodyHash };
  },
);
