import { createHash } from 'node:crypto';
import { applyDecorators, Injectable, UseInterceptors } from '@nestjs/common';
import { ApiConsumes, ApiPayloadTooLargeResponse, ApiUnsupportedMediaTypeResponse } from '@nestjs/swagger';
import type { Request } from 'express';
import { BodyInterceptor } from './body-interceptor.js';
import type { RouteBodyLimits } from './body-reader.js';
import { ContentTypeError } from '../answers/errors.js';
import { JSON_LIMITS, type JsonLimits } from './json-weight.js';
import { isLargeBody, parseJson, parseLargeJson } from './parse-json.js';

/** A request after {@link JsonBodyInterceptor}. The hash is set if the request has an Idempotency-Key. */
export type RequestWithBodyHash = Request & { bodyHash?: Buffer };

/** Reads a JSON body into `request.body`. */
@Injectable()
export class JsonBodyInterceptor extends BodyInterceptor<RequestWithBodyHash> {
  protected readonly jsonLimits: JsonLimits = JSON_LIMITS;

  protected limitsOf({ headers }: RequestWithBodyHash): RouteBodyLimits {
    assertJson(headers['content-type']);
    return this.ingestLimits;
  }

  protected async take(request: RequestWithBodyHash, bytes: Buffer | undefined): Promise<void> {
    if (bytes !== undefined) {
      request.body = isLargeBody(bytes)
        ? await parseLargeJson(bytes, this.jsonLimits)
        : parseJson(bytes, this.jsonLimits);
    }
    // The inflated bytes are hashed, because a client may repeat a request with or without compression. If the host has parsed
    // the body, the parsed value is hashed instead, which is equivalent unless the client changes the order of keys.
    if (isToBeHashed(request)) request.bodyHash = hashOf(bytes ?? JSON.stringify(request.body ?? null));
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

/** @throws ContentTypeError if the media type is not JSON */
export function assertJson(contentType: string | undefined): void {
  const [mediaType] = (contentType ?? '').split(';', 1);
  if (mediaType!.trim().toLowerCase() !== 'application/json') throw new ContentTypeError(contentType);
}
