import { signal } from '@preact/signals';
import { refusals, secret } from './credentials.js';
import { ApiProblem, problemOf } from './problem.js';
import { RequestQueue } from './request-queue.js';

/** A parameter of a query: repeated for each value of a list, and left out if it is undefined or null. */
type Parameter = string | number | boolean | null | undefined | readonly string[];

/** What a request needs besides its path. */
export interface RequestOptions {
  query?: Readonly<Record<string, Parameter>>;
  method?: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Sent as JSON. */
  json?: unknown;
  signal?: AbortSignal;
  /** What the answer should be, if not JSON. */
  accept?: string;
  /** Sent instead of the secret of the session, as `Authorization`. */
  authorization?: string;
}

/** Three at once: enough to fill a page, and few enough that the server does not refuse one (HISTORY_REQUESTS_AT_ONCE). */
const queue = new RequestQueue(3);

/** When the server was last unreachable, or null while it answers. The last values stay on the page meanwhile. */
export const offlineSince = signal<Date | null>(null);

/** The API, as an absolute address without its trailing slash. */
export const apiBase = baseOf(document.querySelector<HTMLMetaElement>('meta[name="api-base"]')?.content ?? '../');

function baseOf(relative: string): string {
  return new URL(relative, location.href.split('#')[0]).href.replace(/\/$/, '');
}

/** Returns the whole address of a route, with its parameters. */
export function addressOf(path: string, query: RequestOptions['query'] = {}): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value === undefined || value === null) continue;
    for (const each of Array.isArray(value) ? (value as readonly string[]) : [value]) {
      parameters.append(name, String(each));
    }
  }
  const text = parameters.toString();
  return `${apiBase}${path}${text ? `?${text}` : ''}`;
}

/** Sends a request at once and returns the answer, whose body nobody has read yet. It throws an `ApiProblem`. */
export async function send(path: string, options: RequestOptions = {}): Promise<Response> {
  const { query, method = 'GET', json, signal, accept = 'application/json', authorization = secret.peek() } = options;
  const headers = new Headers({ Accept: accept });
  if (authorization !== null) headers.set('Authorization', authorization);
  if (json !== undefined) headers.set('Content-Type', 'application/json');
  let answer: Response;
  try {
    answer = await fetch(addressOf(path, query), {
      method,
      headers,
      body: json === undefined ? null : JSON.stringify(json),
      signal: signal ?? null,
      // The service sets no cookie and reads none. A cookie of the same origin can only be for the guard of an app.
      credentials: authorization === null ? 'same-origin' : 'omit',
      cache: 'no-store',
    });
  } catch (error) {
    if (signal?.aborted) throw error;
    offlineSince.value ??= new Date();
    throw new ApiProblem(0, 'The server does not answer.');
  }
  offlineSince.value = null;
  if (answer.ok) return answer;
  const problem = await problemOf(answer);
  // A late answer to the secret of an earlier session says nothing about the present one.
  const isOfThisSession = options.authorization === undefined && authorization === secret.peek();
  if (problem.status === 401 && isOfThisSession) refusals.value += 1;
  throw problem;
}

/** Sends a request when it is its turn, and returns the JSON of its answer. It throws an `ApiProblem`. */
export async function request<T>(path: string, options: RequestOptions = {}): Promise<T> {
  return queue.run(async () => {
    const answer = await send(path, options);
    const text = await answer.text().catch((error: unknown) => {
      if (options.signal?.aborted) throw error;
      throw new ApiProblem(0, 'The connection broke off.');
    });
    return (text === '' ? undefined : JSON.parse(text)) as T;
  }, options.signal);
}
