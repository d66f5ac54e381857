import { createHash } from 'node:crypto';
import {
  applyDecorators,
  type CallHandler,
  type ExecutionContext,
  Inject,
  Injectable,
  type NestInterceptor,
  UseInterceptors,
} from '@nestjs/common';
import { ApiConsumes, ApiPayloadTooLargeResponse, ApiUnsupportedMediaTypeResponse } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import type { Observable } from 'rxjs';
import { CUSTOM_METRICS_OPTIONS, type CustomMetricsOptions } from '../../custom-metrics.options.js';
import { BodyReader } from './body-reader.js';
import { ContentTypeError } from '../answers/errors.js';
import { JSON_LIMITS, type JsonLimits } from './json-weight.js';
import { isLargeBody, parseJson, parseLargeJson } from './parse-json.js';

/** A request after {@link JsonBodyInterceptor}, which has a hash if it has an Idempotency-Key. */
export type RequestWithBodyHash = Request & { bodyHash?: Buffer };

/**
 * Reads a JSON body. This is an interceptor and not a middleware, because guards run between the two: the body of a request
 * without a valid token is thus not read, inflated or parsed.
 */
@Injectable()
export class JsonBodyInterceptor implements NestInterceptor {
  protected readonly jsonLimits: JsonLimits = JSON_LIMITS;
  protected readonly maxBytes: number;

  constructor(
    @Inject(BodyReader) private readonly reader: BodyReader,
    @Inject(CUSTOM_METRICS_OPTIONS) options: CustomMetricsOptions,
  ) {
    this.maxBytes = options.ingest.maxBodyBytes;
  }

  async intercept(context: ExecutionContext, next: CallHandler): Promise<Observable<unknown>> {
    const http = context.switchToHttp();
    const request = http.getRequest<RequestWithBodyHash>();
    assertJson(request.headers['content-type']);
    const limits = { maxBytes: this.maxBytes, setting: 'INGEST_MAX_BODY_BYTES' };
    const bytes = await this.reader.read(request, http.getResponse<Response>(), limits);
    if (bytes !== undefined) {
      request.body = isLargeBody(bytes)
        ? await parseLargeJson(bytes, this.jsonLimits)
        : parseJson(bytes, this.jsonLimits);
    }
    // The inflated bytes are hashed, because a client may repeat a request with or without compression. If the host has parsed
    // the body, the parsed value is hashed instead, which is equivalent unless the client changes the order of keys.
    if (isToBeHashed(request)) request.bodyHash = hashOf(bytes ?? JSON.stringify(request.body ?? null));
    return next.handle();
  }
}

/** Declares that the route reads a JSON body. */
export function JsonBody(): MethodDecorator {
  return applyDecorators(
    UseInterceptors(JsonBodyInterceptor),
    ApiConsumes('application/json'),
    ApiPayloadTooLargeResponse({ description: 'The body is larger than INGEST_MAX_BODY_BYTES after inflation' }),
    ApiUnsupportedMediaTypeResponse({
      description: 'The body is not application/json, or its encoding is not gzip or deflate',
    }),
  );
}

function isToBeHashed({ headers }: Request): boolean {
  return headers['idempotency-key'] !== undefined;
}

/** Returns the hash by which requests with the same Idempotency-Key are compared. */
export function hashOf(body: Buffer | string): Buffer {
  return createHash('sha256').update(body).digest();
}

/** @throws ContentTypeError */
export function assertJson(contentType: string | undefined): void {
  const [mediaType] = (contentType ?? '').split(';', 1);
  if (mediaType!.trim().toLowerCase() !== 'application/json') throw new ContentTypeError(contentType);
}
