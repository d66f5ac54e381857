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
import bodyParser from 'body-parser';
import type { Request, Response } from 'express';
import type { Observable } from 'rxjs';
import { CUSTOM_METRICS_OPTIONS, type CustomMetricsOptions } from '../custom-metrics.options.js';
import { ContentTypeError, UnreadableBodyError } from './errors.js';
import { assertLightJson, JSON_LIMITS, type JsonLimits } from './json-weight.js';
import { type BodyParser, readBody } from './read-body.js';

/** br and zstd would be easy to offer, and a bomb of them harder to bound; SDKs send neither. */
const CONTENT_ENCODINGS = new Set(['identity', 'gzip', 'deflate']);

/** A request with an Idempotency-Key after {@link JsonBodyInterceptor}. */
export type RequestWithBodyHash = Request & { bodyHash?: Buffer };

/**
 * Reads a JSON body: an interceptor and not a middleware, because guards run between the two. A request without a good
 * token thus costs no reading, inflating or parsing.
 */
@Injectable()
export class JsonBodyInterceptor implements NestInterceptor {
  protected readonly jsonLimits: JsonLimits = JSON_LIMITS;
  private readonly parse: BodyParser;

  constructor(@Inject(CUSTOM_METRICS_OPTIONS) options: CustomMetricsOptions) {
    this.parse = bodyParser.json({
      limit: options.limits.bodyBytes,
      type: () => true,
      strict: false,
      // Gets the bytes after inflation: a client may compress what it sends again, or not.
      verify: (request: RequestWithBodyHash, _response, bytes) => {
        assertLightJson(bytes, this.jsonLimits);
        if (isToBeHashed(request)) request.bodyHash = hashOf(bytes);
      },
    });
  }

  async intercept(context: ExecutionContext, next: CallHandler): Promise<Observable<unknown>> {
    const http = context.switchToHttp();
    const request = http.getRequest<RequestWithBodyHash>();
    assertJson(request.headers['content-type']);
    assertEncoding(request.headers['content-encoding']);
    await readBody(this.parse, request, http.getResponse<Response>());
    // Where a host has parsed the body the bytes are gone; what they were parsed to is as good, unless the client writes it
    // anew each time.
    if (isToBeHashed(request)) request.bodyHash ??= hashOf(JSON.stringify(request.body ?? null));
    return next.handle();
  }
}

/** The route reads a JSON body. */
export function JsonBody(): MethodDecorator {
  return applyDecorators(
    UseInterceptors(JsonBodyInterceptor),
    ApiConsumes('application/json'),
    ApiPayloadTooLargeResponse({ description: 'The body is larger than INGEST_MAX_BODY_BYTES after inflation' }),
    ApiUnsupportedMediaTypeResponse({
      description: 'Not application/json, or an encoding other than gzip and deflate',
    }),
  );
}

function isToBeHashed({ headers }: Request): boolean {
  return headers['idempotency-key'] !== undefined;
}

/** What tells one body from another for an Idempotency-Key. */
export function hashOf(body: Buffer | string): Buffer {
  return createHash('sha256').update(body).digest();
}

/** @throws ContentTypeError */
export function assertJson(contentType: string | undefined): void {
  const [mediaType] = (contentType ?? '').split(';', 1);
  if (mediaType!.trim().toLowerCase() !== 'application/json') throw new ContentTypeError(contentType);
}

/** @throws UnreadableBodyError 415 */
export function assertEncoding(contentEncoding: string | undefined): void {
  const encoding = (contentEncoding ?? 'identity').trim().toLowerCase();
  if (CONTENT_ENCODINGS.has(encoding)) return;
  throw new UnreadableBodyError(415, `unsupported content encoding "${encoding}"`);
}
