import { type CallHandler, type ExecutionContext, Inject, Injectable, type NestInterceptor } from '@nestjs/common';
import type { Request, Response } from 'express';
import type { Observable } from 'rxjs';
import { CUSTOM_METRICS_OPTIONS, type CustomMetricsOptions } from '../../custom-metrics.options.js';
import { BodyReader, type RouteBodyLimits } from './body-reader.js';

/**
 * Reads the body of a request before its handler runs. This is an interceptor and not a middleware, because guards run between
 * the two: the body of a request without a valid token is thus not read, inflated or parsed.
 *
 * A subclass defines the limits of the body and how it is parsed.
 */
@Injectable()
export abstract class BodyInterceptor<R extends Request = Request> implements NestInterceptor {
  constructor(
    @Inject(BodyReader) private readonly reader: BodyReader,
    @Inject(CUSTOM_METRICS_OPTIONS) private readonly options: CustomMetricsOptions,
  ) {}

  async intercept(context: ExecutionContext, next: CallHandler): Promise<Observable<unknown>> {
    const http = context.switchToHttp();
    const request = http.getRequest<R>();
    const limits = this.limitsOf(request);
    if (limits !== undefined) {
      await this.take(request, await this.reader.read(request, http.getResponse<Response>(), limits));
    }
    return next.handle();
  }

  /** The limits of a body with samples. */
  protected get ingestLimits(): RouteBodyLimits {
    return { maxBytes: this.options.ingest.maxBodyBytes, setting: 'INGEST_MAX_BODY_BYTES' };
  }

  /**
   * Checks the headers, and returns the limits of the body.
   *
   * @returns undefined if the body must not be read
   * @throws UnreadableBodyError or ContentTypeError for a body that the route does not accept
   */
  protected abstract limitsOf(request: R): RouteBodyLimits | undefined;

  /**
   * Stores the body where the handler expects it.
   *
   * @param bytes the inflated body; undefined if there is none, or if the host application has already parsed it into
   * `request.body`
   */
  protected abstract take(request: R, bytes: Buffer | undefined): void | Promise<void>;
}
