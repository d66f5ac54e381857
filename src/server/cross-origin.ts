import type { IncomingMessage, ServerResponse } from 'node:http';

/**
 * The paths that web pages of other origins may use. They are matched as Express does: ignoring case, and with or without a
 * trailing slash. Repeated slashes are allowed as well, because the server removes them.
 */
const PATHS = /^\/+(?:(?:api\/+client\/+metrics\/+custom|api\/+push|v1\/+metrics)\/*(?:\?|$)|api\/+v1\/+[^/?])/i;

const ALLOWED_METHODS = 'GET, POST';
const ALLOWED_HEADERS = 'Authorization, Content-Type, Content-Encoding, Idempotency-Key, Prefer';

/** The headers that a page may read, in addition to those that browsers always show. */
const EXPOSED_HEADERS =
  'Idempotency-Replayed, Retry-After, RateLimit-Limit, RateLimit-Policy, RateLimit-Remaining, RateLimit-Reset';

/** The time for which a browser may keep the answer of a preflight. Chromium keeps it for two hours at most. */
const PREFLIGHT_MAX_AGE_SECONDS = 24 * 3600;

/** Sets the CORS headers of a response. Returns true if the request is a preflight, which this function has then answered. */
export type CrossOrigin = (request: IncomingMessage, response: ServerResponse) => boolean;

/**
 * Allows web pages of other origins to push metrics and to run PromQL queries.
 *
 * This runs in front of all other listeners. A preflight carries no token, so it must be answered before the token is checked.
 * Refusals and the answers of the short path need the headers as well: without them, a browser hides the answer from the page.
 * Credentials are never allowed, because they would add cookies and client certificates that this server does not use.
 *
 * @param origins the allowed origins, or a list that contains only `*` and allows all of them
 * @returns undefined if no origin is allowed
 */
export function crossOrigin(origins: readonly string[]): CrossOrigin | undefined {
  if (origins.length === 0) return undefined;
  const allowed = new Set(origins);
  const allowsAll = allowed.has('*');
  return (request, response) => {
    const { origin } = request.headers;
    if (origin === undefined || !PATHS.test(request.url ?? '')) return false;
    const isPreflight = request.method === 'OPTIONS' && request.headers['access-control-request-method'] !== undefined;
    // A cache must not give one origin the answer for another one.
    if (!allowsAll) response.setHeader('Vary', 'Origin');
    if (allowsAll || allowed.has(origin)) {
      response.setHeader('Access-Control-Allow-Origin', allowsAll ? '*' : origin);
      if (isPreflight) {
        response.setHeader('Access-Control-Allow-Methods', ALLOWED_METHODS);
        response.setHeader('Access-Control-Allow-Headers', ALLOWED_HEADERS);
        response.setHeader('Access-Control-Max-Age', String(PREFLIGHT_MAX_AGE_SECONDS));
      } else {
        response.setHeader('Access-Control-Expose-Headers', EXPOSED_HEADERS);
      }
    }
    if (isPreflight) response.writeHead(204).end();
    return isPreflight;
  };
}
