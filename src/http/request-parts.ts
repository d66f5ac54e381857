import { parse } from 'node:querystring';
import { createParamDecorator, type ExecutionContext, type PipeTransform, type Type } from '@nestjs/common';
import type { Request } from 'express';

// These decorators replace those of Nest. Global pipes of the host also run for parameters of custom decorators, but pipes that
// change bodies and queries, such as ValidationPipe, leave these parameters alone. The query is parsed here, because the host
// chooses Express' parser.

type Pipes = (Type<PipeTransform> | PipeTransform)[];

const TAKES_QUERY = 'custom-metrics:takes-query';

/** Maximum number of parameters in a URL, the same as in the parsers of Node.js and Express. */
const MAX_PARAMETERS = 1_000;

/** Injects `request.body`, as the route's own interceptor has read it. */
export const RequestBody = createParamDecorator(
  (_data: undefined, context: ExecutionContext): unknown => requestOf(context).body,
);

/** Injects one part of the path, decoded. */
export const PathParameter = createParamDecorator(
  (name: string, context: ExecutionContext): unknown => requestOf(context).params[name],
);

const ParsedQuery = createParamDecorator((_data: undefined, context: ExecutionContext): unknown =>
  queryOf(requestOf(context).originalUrl),
);

/** Injects the query of the URL: strings, and lists of strings for parameters that occur more than once. */
export function RequestQuery(...pipes: Pipes): ParameterDecorator {
  return (target, method, index) => {
    Reflect.defineMetadata(TAKES_QUERY, true, target.constructor, method!);
    ParsedQuery(...pipes)(target, method, index);
  };
}

/** Parses the query of a URL. The result has no prototype, because a parameter may be named `constructor`. */
export function queryOf(url: string): Readonly<Record<string, string | string[] | undefined>> {
  const start = url.indexOf('?');
  return parse(start < 0 ? '' : url.slice(start + 1), '&', '=', { maxKeys: MAX_PARAMETERS });
}

/** Returns whether a handler has a parameter with {@link RequestQuery}. */
export function takesQuery(context: ExecutionContext): boolean {
  return Reflect.getMetadata(TAKES_QUERY, context.getClass(), context.getHandler().name) === true;
}

function requestOf(context: ExecutionContext): Request {
  return context.switchToHttp().getRequest<Request>();
}
