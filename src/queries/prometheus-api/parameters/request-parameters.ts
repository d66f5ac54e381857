import type { Request } from 'express';
import { PrometheusError } from '../answers/prometheus.error.js';

/**
 * Maximum number of parameters in one form or URL. A megabyte of `a&a&a` contains half a million of them, which take a tenth of a
 * second to read. A request of Grafana has about ten, and no request can have more than a hundred `match[]`.
 */
const MAX_PARAMETERS = 1_000;

/**
 * Holds the parameters of a request, in the order that Prometheus uses: first those of a form in the body, then those of the
 * URL. If both contain the same name, the value in the form comes first. Grafana sends a POST with an empty body and everything
 * in the URL.
 */
export class RequestParameters {
  private constructor(private readonly values: ReadonlyMap<string, readonly string[]>) {}

  /** Reads only the parameters of the URL, for routes whose body is not a form. */
  static ofUrl({ originalUrl }: Pick<Request, 'originalUrl'>): RequestParameters {
    return RequestParameters.of({ originalUrl, body: undefined });
  }

  /** Creates parameters from texts. */
  static ofTexts(texts: Iterable<readonly [name: string, value: string]>): RequestParameters {
    return new RequestParameters(new Map([...texts].map(([name, value]) => [name, [value]])));
  }

  /**
   * Reads the parameters of the body and the URL.
   *
   * @param request a request that {@link FormBodyInterceptor} has processed, if its route has one
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
    // Express' own parser is not used, because the host configures it, and it can read `match[]` as an array named `match`.
    if (queryStart >= 0) {
      for (const [name, value] of parametersIn(request.originalUrl.slice(queryStart + 1))) add(name, value);
    }
    return new RequestParameters(values);
  }

  /**
   * Returns the first value of a parameter. The result is '' if there is none, because Prometheus treats an empty parameter
   * like an absent one.
   */
  first(name: string): string {
    return this.values.get(name)?.[0] ?? '';
  }

  /** Returns all values of a parameter that can be repeated, such as `match[]`. */
  all(name: string): readonly string[] {
    return this.values.get(name) ?? [];
  }
}

/**
 * Parses a form, or the query of a URL.
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

/**
 * Yields the parameters of a form, which is either the text that the interceptor has read or the object that a host's form parser
 * has created.
 */
function* formOf(body: unknown): Generator<readonly [name: string, value: string]> {
  if (typeof body === 'string') {
    yield* parametersIn(body);
  } else if (typeof body === 'object' && body !== null && !Buffer.isBuffer(body)) {
    for (const [name, value] of Object.entries(body)) {
      if (typeof value === 'string') yield [name, value];
      // Express' "extended" form parser removes the brackets from a repeated name, and converts a very long list of values to an
      // object with numbers as keys.
      else if (typeof value === 'object' && value !== null) {
        for (const each of Object.values(value)) {
          if (typeof each === 'string') yield [name.endsWith('[]') ? name : `${name}[]`, each];
        }
      }
    }
  }
}
