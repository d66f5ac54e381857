import {
  applyDecorators,
  type CallHandler,
  type ExecutionContext,
  Inject,
  Injectable,
  type NestInterceptor,
  UseInterceptors,
} from '@nestjs/common';
import { ApiConsumes, ApiPayloadTooLargeResponse } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import type { Observable } from 'rxjs';
import { BodyReader } from '../../../http/bodies/body-reader.js';
import { PrometheusError } from '../answers/prometheus.error.js';
import { inflateSnappyBlock } from './snappy-block.js';

/** A request contains only a few matchers, compressed or not. */
const MAX_BODY_BYTES = 1024 * 1024;

/** Reads a body in Snappy's block format and stores it, inflated, in `request.body`; it runs after the guard. */
@Injectable()
export class SnappyBodyInterceptor implements NestInterceptor {
  constructor(@Inject(BodyReader) private readonly reader: BodyReader) {}

  async intercept(context: ExecutionContext, next: CallHandler): Promise<Observable<unknown>> {
    const http = context.switchToHttp();
    const request = http.getRequest<Request>();
    const encoding = request.headers['content-encoding'];
    if (encoding !== undefined && encoding.trim().toLowerCase() !== 'snappy') {
      throw new PrometheusError(
        'bad_data',
        `unsupported content encoding ${JSON.stringify(encoding)}: only snappy is supported`,
      );
    }
    const limits = { maxBytes: MAX_BODY_BYTES, encoding: 'identity' } as const;
    const bytes = await this.reader.read(request, http.getResponse<Response>(), limits);
    request.body = inflate(bytes ?? request.body);
    return next.handle();
  }
}

/** Marks a route that reads protobuf in Snappy's block format. */
export function SnappyBody(): MethodDecorator {
  return applyDecorators(
    UseInterceptors(SnappyBodyInterceptor),
    ApiConsumes('application/x-protobuf'),
    ApiPayloadTooLargeResponse({ description: `The body is larger than ${MAX_BODY_BYTES} bytes` }),
  );
}

function inflate(body: unknown): Uint8Array {
  if (!Buffer.isBuffer(body)) throw new PrometheusError('bad_data', 'the request has no body');
  try {
    return inflateSnappyBlock(body, MAX_BODY_BYTES);
  } catch (error) {
    throw new PrometheusError('bad_data', `the body is not in Snappy's block format: ${(error as Error).message}`);
  }
}
