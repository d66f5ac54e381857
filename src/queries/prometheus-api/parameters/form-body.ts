import {
  applyDecorators,
  type CallHandler,
  type ExecutionContext,
  HttpCode,
  HttpStatus,
  Inject,
  Injectable,
  type NestInterceptor,
  Post,
  UseInterceptors,
} from '@nestjs/common';
import { ApiConsumes, ApiPayloadTooLargeResponse } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import type { Observable } from 'rxjs';
import { BodyReader } from '../../../http/bodies/body-reader.js';
import { Turns } from '../../../scheduling/turns.js';

/** Large enough for the longest expression, percent-encoded, and some selectors. */
const MAX_FORM_BYTES = 1024 * 1024;

const FORM = 'application/x-www-form-urlencoded';

/** Reads a form into `request.body` as text; it runs after the guard. A body of another type is ignored, as Prometheus does. */
@Injectable()
export class FormBodyInterceptor implements NestInterceptor {
  constructor(@Inject(BodyReader) private readonly reader: BodyReader) {}

  async intercept(context: ExecutionContext, next: CallHandler): Promise<Observable<unknown>> {
    const http = context.switchToHttp();
    const request = http.getRequest<Request>();
    // A host that parses bodies globally has already read it.
    if (request.body === undefined && request.is(FORM) === FORM) {
      const bytes = await this.reader.read(request, http.getResponse<Response>(), { maxBytes: MAX_FORM_BYTES });
      // The form is read as UTF-8, whatever charset its client names.
      request.body = bytes?.toString();
      // Reading the parameters and parsing the expression, which come next, cannot be interrupted: see TakeTurnInterceptor.
      await new Turns().give();
    }
    return next.handle();
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
