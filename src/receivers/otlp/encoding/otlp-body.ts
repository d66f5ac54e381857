import {
  applyDecorators,
  type CallHandler,
  createParamDecorator,
  type ExecutionContext,
  Inject,
  Injectable,
  type NestInterceptor,
  UseInterceptors,
} from '@nestjs/common';
import {
  ApiBody,
  ApiConsumes,
  ApiPayloadTooLargeResponse,
  ApiProduces,
  ApiUnsupportedMediaTypeResponse,
} from '@nestjs/swagger';
import type { Request, Response } from 'express';
import type { Observable } from 'rxjs';
import { CUSTOM_METRICS_OPTIONS, type CustomMetricsOptions } from '../../../custom-metrics.options.js';
import { UnreadableBodyError } from '../../../http/answers/errors.js';
import { BodyReader } from '../../../http/bodies/body-reader.js';
import { encodingOf, MEDIA_TYPES, type OtlpEncoding } from './otlp-encoding.js';

/** The inflated body of a request, and its encoding. */
export interface OtlpBody {
  readonly bytes: Buffer;
  readonly encoding: OtlpEncoding;
}

type OtlpHttpRequest = Request & { otlpBody?: OtlpBody };

/** Reads the bytes of an export. Interceptors run after the guards, so no body is read or inflated without a valid token. */
@Injectable()
export class OtlpBodyInterceptor implements NestInterceptor {
  constructor(
    @Inject(BodyReader) private readonly reader: BodyReader,
    @Inject(CUSTOM_METRICS_OPTIONS) private readonly options: CustomMetricsOptions,
  ) {}

  async intercept(context: ExecutionContext, next: CallHandler): Promise<Observable<unknown>> {
    const http = context.switchToHttp();
    const request = http.getRequest<OtlpHttpRequest>();
    const contentType = request.headers['content-type'];
    const encoding = encodingOf(contentType);
    if (encoding === undefined) throw unsupportedType(contentType);
    request.otlpBody = { bytes: await this.bytesOf(request, http.getResponse<Response>()), encoding };
    return next.handle();
  }

  private async bytesOf(request: Request, response: Response): Promise<Buffer> {
    const limits = { maxBytes: this.options.ingest.maxBodyBytes, setting: 'INGEST_MAX_BODY_BYTES' };
    const bytes = await this.reader.read(request, response, limits);
    if (bytes !== undefined) return bytes;
    const body: unknown = request.body;
    // A request without a body is an empty export.
    if (body === undefined) return Buffer.alloc(0);
    // A host application that parses JSON globally has parsed the body already.
    return Buffer.isBuffer(body) ? body : Buffer.from(JSON.stringify(body));
  }
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
