import type { IncomingHttpHeaders } from 'node:http';

/**
 * The request headers that are forwarded to Unleash, in addition to {@link SDK_HEADER}. All others are dropped, because Unleash
 * must not see cookies or the credentials of a proxy. The caller sets `Authorization`.
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

/**
 * The headers of an answer that are passed on to an SDK, in addition to {@link SDK_HEADER}. All others are dropped; for example,
 * Unleash must not set cookies for this host.
 */
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

/** The headers with which an SDK describes itself, such as `unleash-appname`, `unleash-client-spec` and `x-unleash-appname`. */
const SDK_HEADER = /^(?:x-)?unleash-/;

/** Returns the headers of an SDK's request that are forwarded to Unleash. */
export function requestHeaders(headers: IncomingHttpHeaders): IncomingHttpHeaders {
  return picked(headers, REQUEST_HEADERS);
}

/** Returns the headers of Unleash's answer that are passed on to the SDK. */
export function answerHeaders(headers: IncomingHttpHeaders): IncomingHttpHeaders {
  return picked(headers, ANSWER_HEADERS);
}

function picked(headers: IncomingHttpHeaders, names: ReadonlySet<string>): IncomingHttpHeaders {
  // Headers that the `Connection` header lists belong to that connection only (RFC 9110, 7.6.1).
  const ofConnection = new Set((headers.connection ?? '').split(',').map((name) => name.trim().toLowerCase()));
  return Object.fromEntries(
    Object.entries(headers).filter(
      ([name, value]) => value !== undefined && !ofConnection.has(name) && (names.has(name) || SDK_HEADER.test(name)),
    ),
  );
}
