import {
  applyDecorators,
  createParamDecorator,
  type ExecutionContext,
  Injectable,
  UseInterceptors,
} from '@nestjs/common';
import { ApiBody, ApiConsumes, ApiPayloadTooLargeResponse, ApiUnsupportedMediaTypeResponse } from '@nestjs/swagger';
import type { Request } from 'express';
import { UnreadableBodyError } from '../../../http/answers/errors.js';
import { BodyInterceptor } from '../../../http/bodies/body-interceptor.js';
import type { RouteBodyLimits } from '../../../http/bodies/body-reader.js';
import type { PushedFormat } from './pushed-family.js';

/** An exposition as it was sent. */
export interface ReceivedExposition {
  readonly text: string;
  readonly format: PushedFormat;
}

const UTF_8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

const OPENMETRICS = 'application/openmetrics-text';

/**
 * Media types that can't contain an exposition. All others are accepted, because curl sends its default media type with any body.
 */
const NO_TEXT = /^(?:application\/(?:vnd\.google\.protobuf|x-protobuf|json)|multipart\/)/;

type RequestWithExposition = Request & { exposition?: ReceivedExposition };

/**
 * Reads the body of a push as text, in the format that its media type names. A request with a media type that can't contain an
 * exposition is answered with 415.
 */
@Injectable()
export class ExpositionInterceptor extends BodyInterceptor<RequestWithExposition> {
  protected limitsOf(request: RequestWithExposition): RouteBodyLimits {
    const mediaType = mediaTypeOf(request);
    if (NO_TEXT.test(mediaType)) {
      throw new UnreadableBodyError(
        415,
        `${mediaType} can't be read here. Send the text format (text/plain; version=0.0.4) or OpenMetrics (${OPENMETRICS}); ` +
          "with Go's push package that is Format(expfmt.NewFormat(expfmt.TypeTextPlain)).",
      );
    }
    return { ...this.ingestLimits, takesSnappy: true };
  }

  protected take(request: RequestWithExposition, bytes: Buffer | undefined): void {
    const format = mediaTypeOf(request) === OPENMETRICS ? 'openmetrics' : 'text';
    request.exposition = { text: textOf(bytes ?? request.body), format };
  }
}

function mediaTypeOf({ headers }: Request): string {
  return (headers['content-type'] ?? '').split(';', 1)[0]!.trim().toLowerCase();
}

/** @throws UnreadableBodyError if the host application has parsed the body, or if the body is not valid UTF-8 */
function textOf(body: unknown): string {
  if (body === undefined || typeof body === 'string') return body ?? '';
  if (!Buffer.isBuffer(body)) {
    throw new UnreadableBodyError(415, 'The body was not read as text. Send it as text/plain.');
  }
  try {
    return UTF_8.decode(body);
  } catch {
    throw new UnreadableBodyError(400, 'The body is not valid UTF-8.');
  }
}

/** Declares that the route reads an exposition. */
export function ExpositionBody(): MethodDecorator {
  return applyDecorators(
    UseInterceptors(ExpositionInterceptor),
    ApiConsumes('text/plain', OPENMETRICS),
    ApiBody({ schema: { type: 'string', example: '# TYPE orders_total counter\norders_total{country="de"} 3\n' } }),
    ApiPayloadTooLargeResponse({ description: 'The body is larger than INGEST_MAX_BODY_BYTES after inflation' }),
    ApiUnsupportedMediaTypeResponse({
      description: 'The body is not text, or its encoding is not gzip, deflate or snappy',
    }),
  );
}

/** Injects the exposition that {@link ExpositionBody} has read. */
export const Exposition = createParamDecorator(
  (_data: undefined, context: ExecutionContext): ReceivedExposition =>
    context.switchToHttp().getRequest<RequestWithExposition>().exposition!,
);
