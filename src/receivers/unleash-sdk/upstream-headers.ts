import type { IncomingHttpHeaders } from 'node:http';

/**
 * The headers of a request that mean something to Unleash. Everything else stays here: cookies and credentials of a proxy are not
 * Unleash's to know. `Authorization` is set by the caller.
 */
const REQUEST_HEADERS = new Set([
  'accept',
  'accept-encoding',
  'cache-control',
  'if-modified-since',
  'if-none-match',
  'last-event-id',
  'user-agent',
]);

/** The headers of an answer that mean something to an SDK. Unleash must not set cookies for this host, for example. */
const ANSWER_HEADERS = new Set([
  'cache-control',
  'content-encoding',
  'content-length',
  'content-type',
  'etag',
  'last-modified',
  'ratelimit-limit',
  'ratelimit-policy',
  'ratelimit-remaining',
  'ratelimit-reset',
  'retry-after',
  'x-accel-buffering',
]);

/** What an SDK says of itself, such as `unleash-appname`, `unleash-client-spec` and `x-unleash-appname`. */
const SDK_HEADER = /^(?:x-)?unleash-/;

/** Picks the headers of an SDK's request that go to Unleash. */
export function requestHeaders(headers: IncomingHttpHeaders): IncomingHttpHeaders {
  return picked(headers, REQUEST_HEADERS);
}

/** Picks the headers of Unleash's answer that go to the SDK. */
export function answerHeaders(headers: IncomingHttpHeaders): IncomingHttpHeaders {
  return picked(headers, ANSWER_HEADERS);
}

function picked(headers: IncomingHttpHeaders, names: ReadonlySet<string>): IncomingHttpHeaders {
  // Headers that a `Connection` header names belong to that connection (RFC 9110, 7.6.1).
  const ofConnection = new Set((headers.connection ?? '').split(',').map((name) => name.trim().toLowerCase()));
  return Object.fromEntries(
    Object.entries(headers).filter(
      ([name, value]) => value !== undefined && !ofConnection.has(name) && (names.has(name) || SDK_HEADER.test(name)),
    ),
  );
}
