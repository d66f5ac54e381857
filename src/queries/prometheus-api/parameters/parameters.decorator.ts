import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { Request } from 'express';
import { RequestParameters } from './request-parameters.js';

/** Injects the parameters of a request, from its form and its URL. */
export const Parameters = createParamDecorator((_data: undefined, context: ExecutionContext): RequestParameters =>
  RequestParameters.of(context.switchToHttp().getRequest<Request>()),
);
