import { signal } from '@preact/signals';
import { refusals, secret } from './credentials.js';
import { ApiProblem, problemOf } from './problem.js';
import { RequestQueue } from './request-queue.js';

/**
 * A query parameter. A list becomes one parameter for each of its values. Undefined and null mean that the parameter is left out.
 */
type Parameter = string | number | boolean | null | undefined | readonly string[];

/** The options of {@link send} and {@link request}. */
export interface RequestOptions {
  query?: Readonly<Record<string, Parameter>>;
  method?: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** The body, which is sent as JSON. */
  json?: unknown;
  signal?: AbortSignal;
  /** The media type that the answer should have; JSON by default. */
  accept?: string;
  /** The value of the header `Authorization`, to be sent instead of the secret of the session. */
  authorization?: string;
}

/** Three requests at a time fill a page quickly and stay below the server's limit (HISTORY_REQUESTS_AT_ONCE, at least 8). */
const queue = new RequestQueue(3);

/**
 * The time since which the server has been unreachable, or null if it answers. The page keeps showing the last values while the
 * server is unreachable.
 */
export const offlineSince = signal<Date | null>(null);

/** Counts the answers with status 503, which may mean that Postgres does not answer the service. */
export const unavailableAnswers = signal(0);

/** The base URL of the API, which is absolute and has no trailing slash. */
export const apiBase = baseOf(document.querySelector<HTMLMetaElement>('meta[name="api-base"]')?.content ?? '../');

function baseOf(relative: string): string {
  return new URL(relative, location.href.split('#')[0]).href.replace(/\/$/, '');
}

/** Returns the full URL of a route with its parameters. */
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

/**
 * Sends a request without queueing it, and returns the answer with an unread body. It throws an `ApiProblem` if there is no
 * answer, or if the answer is not a success.
 */
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
      // The service sets no cookie and reads none. A cookie of the same origin can only be meant for the guard of the host app.
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
  // A late answer to a request of an earlier session says nothing about the current one.
  const isOfThisSession = options.authorization === undefined && authorization === secret.peek();
  if (problem.status === 401 && isOfThisSession) refusals.value += 1;
  if (problem.status === 503) unavailableAnswers.value += 1;
  throw problem;
}

/**
 * Sends a request when its turn in the queue comes, and returns the parsed JSON of the answer, or undefined if the answer is
 * empty. It throws an `ApiProblem` as {@link send} does.
 */
export async function request<T>(path: string, options: RequestOptions = {}): Promise<T> {
  return queue.run(async () => {
    const answer = await send(path, options);
    const text = await answer.text().catch((error: unknown) => {
      if (options.signal?.aborted) throw error;
      throw new ApiProblem(0, 'The connection was lost.');
    });
    return (text === '' ? undefined : JSON.parse(text)) as T;
  }, options.signal);
}
