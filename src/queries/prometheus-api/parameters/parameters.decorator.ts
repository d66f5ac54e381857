import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { Request } from 'express';
import { RequestParameters } from './request-parameters.js';

/** What a request asks for, in its form and its URL. */
export const Parameters = createParamDecorator((_data: undefined, context: ExecutionContext): RequestParameters =>
  RequestParameters.of(context.switchToHttp().getRequest<Request>()),
);
