import {
  applyDecorators,
  type CallHandler,
  type ExecutionContext,
  HttpCode,
  HttpStatus,
  Injectable,
  type NestInterceptor,
  Post,
  UseInterceptors,
} from '@nestjs/common';
import { ApiConsumes, ApiPayloadTooLargeResponse } from '@nestjs/swagger';
import bodyParser from 'body-parser';
import type { Request, Response } from 'express';
import type { Observable } from 'rxjs';
import { assertEncoding, unreadable } from '../http/json-body.js';

/** The longest expression, percent-encoded, and some selectors beside it. */
const MAX_FORM_BYTES = 1024 * 1024;

const FORM = 'application/x-www-form-urlencoded';

/** Reads a form into `request.body` as text, behind the guard. A body of another type is left alone, as Prometheus does. */
@Injectable()
export class FormBodyInterceptor implements NestInterceptor {
  private readonly read = bodyParser.text({ limit: MAX_FORM_BYTES, type: FORM });

  async intercept(context: ExecutionContext, next: CallHandler): Promise<Observable<unknown>> {
    const http = context.switchToHttp();
    const request = http.getRequest<Request>();
    // A host that parses bodies globally has done it already.
    if (request.body === undefined && request.is(FORM) === FORM) {
      assertEncoding(request.headers['content-encoding']);
      await new Promise<void>((resolve, reject) => {
        this.read(request, http.getResponse<Response>(), (error?: unknown) => {
          if (error === undefined) resolve();
          else reject(unreadable(error));
        });
      });
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
