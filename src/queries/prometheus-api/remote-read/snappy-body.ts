import { applyDecorators, Injectable, UseInterceptors } from '@nestjs/common';
import { ApiConsumes, ApiPayloadTooLargeResponse } from '@nestjs/swagger';
import type { Request } from 'express';
import { BodyInterceptor } from '../../../http/bodies/body-interceptor.js';
import type { RouteBodyLimits } from '../../../http/bodies/body-reader.js';
import { PrometheusError } from '../answers/prometheus.error.js';
import { inflateSnappyBlock } from '../../../http/bodies/snappy-block.js';

/** Maximum size of a body, compressed or not. A request contains only a few matchers. */
const MAX_BODY_BYTES = 1024 * 1024;

/** Reads a body in Snappy's block format and stores it, inflated, in `request.body`. */
@Injectable()
export class SnappyBodyInterceptor extends BodyInterceptor {
  protected limitsOf({ headers }: Request): RouteBodyLimits {
    const encoding = headers['content-encoding'];
    if (encoding !== undefined && encoding.trim().toLowerCase() !== 'snappy') {
      throw new PrometheusError(
        'bad_data',
        `unsupported content encoding ${JSON.stringify(encoding)}: only snappy is supported`,
      );
    }
    return { maxBytes: MAX_BODY_BYTES, encoding: 'identity' };
  }

  protected take(request: Request, bytes: Buffer | undefined): void {
    request.body = inflate(bytes ?? request.body);
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
