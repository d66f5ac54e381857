import {
  applyDecorators,
  createParamDecorator,
  type ExecutionContext,
  Injectable,
  UseInterceptors,
} from '@nestjs/common';
import {
  ApiBody,
  ApiConsumes,
  ApiPayloadTooLargeResponse,
  ApiProduces,
  ApiUnsupportedMediaTypeResponse,
} from '@nestjs/swagger';
import type { Request } from 'express';
import { UnreadableBodyError } from '../../../http/answers/errors.js';
import { BodyInterceptor } from '../../../http/bodies/body-interceptor.js';
import type { RouteBodyLimits } from '../../../http/bodies/body-reader.js';
import { encodingOf, MEDIA_TYPES, type OtlpEncoding } from './otlp-encoding.js';

/** The inflated body of a request, and its encoding. */
export interface OtlpBody {
  readonly bytes: Buffer;
  readonly encoding: OtlpEncoding;
}

type OtlpHttpRequest = Request & { otlpBody?: OtlpBody };

/** Reads the bytes of an export. */
@Injectable()
export class OtlpBodyInterceptor extends BodyInterceptor<OtlpHttpRequest> {
  protected limitsOf(request: OtlpHttpRequest): RouteBodyLimits {
    encodingOfRequest(request);
    return this.ingestLimits;
  }

  protected take(request: OtlpHttpRequest, bytes: Buffer | undefined): void {
    request.otlpBody = { bytes: bytes ?? bytesOfParsed(request.body), encoding: encodingOfRequest(request) };
  }
}

/** @throws UnreadableBodyError if the media type is neither protobuf nor JSON */
function encodingOfRequest({ headers }: Request): OtlpEncoding {
  const contentType = headers['content-type'];
  const encoding = encodingOf(contentType);
  if (encoding === undefined) throw unsupportedType(contentType);
  return encoding;
}

function bytesOfParsed(body: unknown): Buffer {
  // A request without a body is an empty export.
  if (body === undefined) return Buffer.alloc(0);
  // A host application that parses JSON globally has already parsed the body.
  return Buffer.isBuffer(body) ? body : Buffer.from(JSON.stringify(body));
}

/** Declares that the route reads an OTLP export. */
export function ReadsOtlp(): MethodDecorator {
  return applyDecorators(
    UseInterceptors(OtlpBodyInterceptor),
    ApiConsumes(...Object.values(MEDIA_TYPES)),
    ApiProduces(...Object.values(MEDIA_TYPES)),
    ApiBody({
      description: 'An ExportMetricsServiceRequest of OTLP, as protobuf or in its JSON form, gzipped or not',
      schema: { type: 'object' },
    }),
    ApiPayloadTooLargeResponse({ description: 'The body is larger than INGEST_MAX_BODY_BYTES after inflation' }),
    ApiUnsupportedMediaTypeResponse({
      description:
        'The body is neither application/x-protobuf nor application/json, or its encoding is not gzip or deflate',
    }),
  );
}

/** Injects the body that {@link ReadsOtlp} has read. */
export const CurrentOtlpBody = createParamDecorator((_data: undefined, context: ExecutionContext): OtlpBody => {
  const { otlpBody } = context.switchToHttp().getRequest<OtlpHttpRequest>();
  if (otlpBody === undefined) throw new Error('@CurrentOtlpBody() needs @ReadsOtlp() on the route');
  return otlpBody;
});

function unsupportedType(given: string | undefined): UnreadableBodyError {
  const types = Object.values(MEDIA_TYPES).join(' or ');
  return new UnreadableBodyError(
    415,
    `The content-type ${given ?? '(none)'} is not accepted here. Send OTLP as ${types}: with an OpenTelemetry SDK, set ` +
      'OTEL_EXPORTER_OTLP_PROTOCOL to http/protobuf or http/json.',
  );
}
