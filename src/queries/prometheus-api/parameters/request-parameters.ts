import type { Request } from 'express';
import { PrometheusError } from '../answers/prometheus.error.js';

/**
 * Maximum number of parameters in one form or URL. A megabyte of `a&a&a` is half a million of them, which take a tenth of a
 * second to read; a request of Grafana has about ten, and at most a hundred `match[]`.
 */
const MAX_PARAMETERS = 1_000;

/**
 * The parameters of a request, in the order that Prometheus uses: first those of a form in the body, then those of the URL. If
 * both have the same name, the form's value comes first. Grafana sends a POST with an empty body and everything in the URL.
 */
export class RequestParameters {
  private constructor(private readonly values: ReadonlyMap<string, readonly string[]>) {}

  /** Reads only the parameters of the URL, where the body is not a form. */
  static ofUrl({ originalUrl }: Pick<Request, 'originalUrl'>): RequestParameters {
    return RequestParameters.of({ originalUrl, body: undefined });
  }

  /**
   * Reads the parameters of the body and the URL.
   *
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
    // Express' own parser is not used, because the host configures it: it may read `match[]` as an array named `match`.
    if (queryStart >= 0) {
      for (const [name, value] of parametersIn(request.originalUrl.slice(queryStart + 1))) add(name, value);
    }
    return new RequestParameters(values);
  }

  /** Returns the first value; '' where there is none, because Prometheus treats an empty parameter like an absent one. */
  first(name: string): string {
    return this.values.get(name)?.[0] ?? '';
  }

  /** Returns all values of a parameter that may be repeated, such as `match[]`. */
  all(name: string): readonly string[] {
    return this.values.get(name) ?? [];
  }
}

/**
 * Parses a form.
 *
 * @throws PrometheusError for too many parameters
 */
function parametersIn(text: string): URLSearchParams {
  let count = 1;
  for (let at = text.indexOf('&'); at >= 0; at = text.indexOf('&', at + 1)) {
    if (++count > MAX_PARAMETERS) {
      throw new PrometheusError('bad_data', `the request has more than ${MAX_PARAMETERS} parameters, the limit`);
    }
  }
  return new URLSearchParams(text);
}

/** Yields the parameters of the text that the interceptor read, or of the object that a host's form parser made of it. */
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
