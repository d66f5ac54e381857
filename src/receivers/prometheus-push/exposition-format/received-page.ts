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
import { ApiBody, ApiConsumes, ApiPayloadTooLargeResponse, ApiUnsupportedMediaTypeResponse } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import type { Observable } from 'rxjs';
import { CUSTOM_METRICS_OPTIONS, type CustomMetricsOptions } from '../../../custom-metrics.options.js';
import { UnreadableBodyError } from '../../../http/answers/errors.js';
import { BodyReader } from '../../../http/bodies/body-reader.js';
import type { PageFormat } from './pushed-family.js';

/** An exposition as it was sent. */
export interface ReceivedPage {
  readonly text: string;
  readonly format: PageFormat;
}

const UTF_8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

const OPENMETRICS = 'application/openmetrics-text';

/** Media types that can't be text. All others are accepted, because curl sends its own default with any body. */
const NO_TEXT = /^(?:application\/(?:vnd\.google\.protobuf|x-protobuf|json)|multipart\/)/;

type RequestWithPage = Request & { page?: ReceivedPage };

/** Reads a body as text. Interceptors run after the guards, so the body of a request without a valid token is not read. */
@Injectable()
export class PageInterceptor implements NestInterceptor {
  constructor(
    @Inject(BodyReader) private readonly reader: BodyReader,
    @Inject(CUSTOM_METRICS_OPTIONS) private readonly options: CustomMetricsOptions,
  ) {}

  async intercept(context: ExecutionContext, next: CallHandler): Promise<Observable<unknown>> {
    const http = context.switchToHttp();
    const request = http.getRequest<RequestWithPage>();
    const mediaType = (request.headers['content-type'] ?? '').split(';', 1)[0]!.trim().toLowerCase();
    if (NO_TEXT.test(mediaType)) {
      throw new UnreadableBodyError(
        415,
        `${mediaType} can't be read here. Send the text format (text/plain; version=0.0.4) or OpenMetrics (${OPENMETRICS}); ` +
          "with Go's push package that is Format(expfmt.NewFormat(expfmt.TypeTextPlain)).",
      );
    }
    const limits = { maxBytes: this.options.ingest.maxBodyBytes, setting: 'INGEST_MAX_BODY_BYTES' };
    const bytes = await this.reader.read(request, http.getResponse<Response>(), limits);
    request.page = { text: textOf(bytes ?? request.body), format: mediaType === OPENMETRICS ? 'openmetrics' : 'text' };
    return next.handle();
  }
}

/** @throws UnreadableBodyError */
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
export function PageBody(): MethodDecorator {
  return applyDecorators(
    UseInterceptors(PageInterceptor),
    ApiConsumes('text/plain', OPENMETRICS),
    ApiBody({ schema: { type: 'string', example: '# TYPE orders_total counter\norders_total{country="de"} 3\n' } }),
    ApiPayloadTooLargeResponse({ description: 'The body is larger than INGEST_MAX_BODY_BYTES after inflation' }),
    ApiUnsupportedMediaTypeResponse({ description: 'The body is not text, or its encoding is not gzip or deflate' }),
  );
}

/** Injects the exposition that {@link PageBody} has read. */
export const Page = createParamDecorator(
  (_data: undefined, context: ExecutionContext): ReceivedPage =>
    context.switchToHttp().getRequest<RequestWithPage>().page!,
);
