import type { Request } from 'express';
import { PrometheusError } from '../answers/prometheus.error.js';

/**
 * Parameters in one form or URL. A megabyte of `a&a&a` is half a million of them, which take a tenth of a second to read; a
 * request of Grafana has about ten, and at most a hundred `match[]`.
 */
const MAX_PARAMETERS = 1_000;

/**
 * The parameters of a request, as Prometheus reads them: those of a form in the body, then those of the URL; of a name that
 * stands in both, the form's comes first. Grafana sends a POST with an empty body and everything in the URL.
 */
export class RequestParameters {
  private constructor(private readonly values: ReadonlyMap<string, readonly string[]>) {}

  /** Those of the URL alone, where the body is something else. */
  static ofUrl({ originalUrl }: Pick<Request, 'originalUrl'>): RequestParameters {
    return RequestParameters.of({ originalUrl, body: undefined });
  }

  /**
   * @param request after {@link FormBodyInterceptor} where its route has one
   * @throws PrometheusError for too many parameters
   */
  static of(request: Pick<Request, 'originalUrl' | 'body'>): RequestParameters {
    const values = new Map<string, string[]>();
    const add = (name: string, value: string) => {
      const known = values.get(name);
      if (known === undefined) values.set(name, [value]);
      else known.push(value);
    };
    for (const [name, value] of formOf(request.body)) add(name, value);
    const queryStart = request.originalUrl.indexOf('?');
    // Not Express' own parsing, which the host decides about: it may take `match[]` for an array called `match`.
    if (queryStart >= 0) {
      for (const [name, value] of parametersIn(request.originalUrl.slice(queryStart + 1))) add(name, value);
    }
    return new RequestParameters(values);
  }

  /** The first value; '' where there is none, which Prometheus does not tell from an empty one. */
  first(name: string): string {
    return this.values.get(name)?.[0] ?? '';
  }

  /** All values of a parameter that may be repeated, such as `match[]`. */
  all(name: string): readonly string[] {
    return this.values.get(name) ?? [];
  }
}

/** @throws PrometheusError for too many */
function parametersIn(text: string): URLSearchParams {
  let count = 1;
  for (let at = text.indexOf('&'); at >= 0; at = text.indexOf('&', at + 1)) {
    if (++count > MAX_PARAMETERS) {
      throw new PrometheusError('bad_data', `the request has more than ${MAX_PARAMETERS} parameters, the limit`);
    }
  }
  return new URLSearchParams(text);
}

/** The text that our interceptor read, or what a host that parses all forms has made of it. */
function* formOf(body: unknown): Generator<readonly [name: string, value: string]> {
  if (typeof body === 'string') {
    yield* parametersIn(body);
  } else if (typeof body === 'object' && body !== null && !Buffer.isBuffer(body)) {
    for (const [name, value] of Object.entries(body)) {
      if (typeof value === 'string') yield [name, value];
      // The "extended" parser drops the brackets of a repeated name.
      else if (Array.isArray(value)) {
        for (const each of value as unknown[]) {
          if (typeof each === 'string') yield [name.endsWith('[]') ? name : `${name}[]`, each];
        }
      }
    }
  }
}
