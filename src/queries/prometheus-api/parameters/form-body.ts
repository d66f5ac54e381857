import { applyDecorators, HttpCode, HttpStatus, Injectable, Post, UseInterceptors } from '@nestjs/common';
import { ApiConsumes, ApiPayloadTooLargeResponse } from '@nestjs/swagger';
import type { Request } from 'express';
import { BodyInterceptor } from '../../../http/bodies/body-interceptor.js';
import type { RouteBodyLimits } from '../../../http/bodies/body-reader.js';
import { Turns } from '../../../scheduling/turns.js';

/** Large enough for the longest expression, percent-encoded, and some selectors. */
const MAX_FORM_BYTES = 1024 * 1024;

const FORM = 'application/x-www-form-urlencoded';

/** Reads a form into `request.body` as text. A body of another type is ignored, as Prometheus does. */
@Injectable()
export class FormBodyInterceptor extends BodyInterceptor {
  protected limitsOf(request: Request): RouteBodyLimits | undefined {
    // A host that parses bodies globally has already read it.
    return request.body === undefined && request.is(FORM) === FORM ? { maxBytes: MAX_FORM_BYTES } : undefined;
  }

  protected async take(request: Request, bytes: Buffer | undefined): Promise<void> {
    // The form is read as UTF-8, whatever charset its client names.
    request.body = bytes?.toString();
    // Reading the parameters and parsing the expression, which come next, cannot be interrupted: see TakeTurnInterceptor.
    await new Turns().give();
  }
}

/** Declares a route that takes its query as a form, for queries that are too long for a URL. */
export function PostForm(path: string): MethodDecorator {
  return applyDecorators(
    Post(path),
    // The request changes nothing, so the status is 200, not 201.
    HttpCode(HttpStatus.OK),
    UseInterceptors(FormBodyInterceptor),
    ApiConsumes(FORM),
    ApiPayloadTooLargeResponse({ description: `The form is larger than ${MAX_FORM_BYTES} bytes` }),
  );
}
