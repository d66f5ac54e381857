import {
  applyDecorators,
  type CallHandler,
  type ExecutionContext,
  Injectable,
  type NestInterceptor,
  UseInterceptors,
} from '@nestjs/common';
import bodyParser from 'body-parser';
import type { Request, Response } from 'express';
import type { Observable } from 'rxjs';
import { assertEncoding, unreadable } from '../http/json-body.js';

/** An expression of 100,000 characters, percent-encoded, fits many times over. */
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

/** The route takes its parameters from a form as well as from the URL. */
export function FormBody(): MethodDecorator {
  return applyDecorators(UseInterceptors(FormBodyInterceptor));
}
