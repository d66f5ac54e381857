import { applyDecorators, HttpCode, HttpStatus, Injectable, Post, UseInterceptors } from '@nestjs/common';
import { ApiConsumes, ApiPayloadTooLargeResponse } from '@nestjs/swagger';
import type { Request } from 'express';
import { BodyInterceptor } from '../../../http/bodies/body-interceptor.js';
import type { RouteBodyLimits } from '../../../http/bodies/body-reader.js';
import { Turns } from '../../../scheduling/turns.js';

/** Maximum size of a form. The longest expression, percent-encoded, and some selectors fit into it. */
const MAX_FORM_BYTES = 1024 * 1024;

const FORM = 'application/x-www-form-urlencoded';

/** Reads a form into `request.body` as text. A body of another type is ignored, as in Prometheus. */
@Injectable()
export class FormBodyInterceptor extends BodyInterceptor {
  protected limitsOf(request: Request): RouteBodyLimits | undefined {
    if (request.is(FORM) === FORM) return { maxBytes: MAX_FORM_BYTES };
    // A parser of the host may have read a body of another type.
    request.body = undefined;
    return undefined;
  }

  protected async take(request: Request, bytes: Buffer | undefined): Promise<void> {
    // The form is read as UTF-8, regardless of the charset in the header.
    if (bytes !== undefined) request.body = bytes.toString();
    // Reading the parameters and parsing the expression come next and cannot be interrupted; see TakeTurnInterceptor.
    await new Turns().give();
  }
}

/** Declares a route that takes its query as a form, for queries that are too long for a URL. */
export function PostForm(path: string): MethodDecorator {
  return applyDecorators(
    Post(path),
    // The request changes nothing, so the status is 200 and not 201.
    HttpCode(HttpStatus.OK),
    UseInterceptors(FormBodyInterceptor),
    ApiConsumes(FORM),
    ApiPayloadTooLargeResponse({ description: `The form is larger than ${MAX_FORM_BYTES} bytes` }),
  );
}
