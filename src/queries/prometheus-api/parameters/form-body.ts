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

/** The longest expression, percent-encoded, and some selectors beside it. */
const MAX_FORM_BYTES = 1024 * 1024;

const FORM = 'application/x-www-form-urlencoded';

/** Reads a form into `request.body` as text, behind the guard. A body of another type is left alone, as Prometheus does. */
@Injectable()
export class FormBodyInterceptor implements NestInterceptor {
  constructor(@Inject(BodyReader) private readonly reader: BodyReader) {}

  async intercept(context: ExecutionContext, next: CallHandler): Promise<Observable<unknown>> {
    const http = context.switchToHttp();
    const request = http.getRequest<Request>();
    // A host that parses bodies globally has done it already.
    if (request.body === undefined && request.is(FORM) === FORM) {
      const bytes = await this.reader.read(request, http.getResponse<Response>(), { maxBytes: MAX_FORM_BYTES });
      // A form is UTF-8, whatever charset its sender names.
      request.body = bytes?.toString();
      // What comes next, reading parameters and parsing an expression, is done in one go: see TakeTurnInterceptor.
      await new Turns().give();
    }
    return next.handle();
  }
}

/** The route of a question that comes as a form, which is for those that are too long for a URL. */
export function PostForm(path: string): MethodDecorator {
  return applyDecorators(
    Post(path),
    // It changes nothing.
    HttpCode(HttpStatus.OK),
    UseInterceptors(FormBodyInterceptor),
    ApiConsumes(FORM),
    ApiPayloadTooLargeResponse({ description: `The form is larger than ${MAX_FORM_BYTES} bytes` }),
  );
}
