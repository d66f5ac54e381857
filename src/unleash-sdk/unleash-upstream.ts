import { type ClientRequest, type IncomingHttpHeaders, type IncomingMessage, request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { pipeline } from 'node:stream';
import { type BeforeApplicationShutdown, HttpStatus, Inject, Injectable } from '@nestjs/common';
import type { Request, Response } from 'express';
import { CUSTOM_METRICS_OPTIONS, type CustomMetricsOptions } from '../custom-metrics.options.js';
import { UpstreamUnavailableError } from '../http/errors.js';

/** SDKs give up after 10 s; this is the answer that they can still read. */
const ANSWER_TIMEOUT_MS = 8_000;

/** SDKs take a stream for dead that has been silent for a minute; a heartbeat in time keeps it. */
const SILENCE_TIMEOUT_MS = 90_000;

/** Of one connection and not of the message (RFC 9110, 7.6.1), and `host`, which is Unleash's own. */
const NOT_FORWARDED = new Set([
  'connection',
  'expect',
  'host',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** Marks what has come by here, so that an upstream that leads back is found out at once. */
const VIA = '1.1 custom-metrics';

/**
 * Hands requests on to a real Unleash, and its answers back as they are: status, headers and the bytes of the body, also of
 * an endless one. Only what the controllers hand over gets there, after the token was checked here.
 */
@Injectable()
export class UnleashUpstream implements BeforeApplicationShutdown {
  /** Without `/api` and without a slash at the end; undefined = there is none. */
  private readonly base: string | undefined;
  private readonly maxRequests: number;
  private underWay = 0;
  private readonly streams = new Set<ClientRequest>();

  constructor(@Inject(CUSTOM_METRICS_OPTIONS) { unleash }: CustomMetricsOptions) {
    this.maxRequests = unleash.upstreamRequests;
    this.base = unleash.upstreamUrl?.replace(/\/+$/, '').replace(/\/api$/, '');
  }

  get isThere(): boolean {
    return this.base !== undefined;
  }

  /** A stream never ends by itself, and a server that waits for it would never stop. */
  beforeApplicationShutdown(): void {
    for (const stream of this.streams) stream.destroy();
  }

  /**
   * @param path below the upstream's address; the query is the request's
   * @returns when the answer has been handed on, or the client has gone
   * @throws UpstreamUnavailableError 502 or 503 while nothing of an answer is there
   */
  forward(request: Request, response: Response, path: string): Promise<void> {
    if (request.headers.via?.includes(VIA)) {
      throw new UpstreamUnavailableError(
        HttpStatus.BAD_GATEWAY,
        'UNLEASH_UPSTREAM_URL leads back to this service; it must name an Unleash.',
      );
    }
    if (this.underWay >= this.maxRequests) {
      throw new UpstreamUnavailableError(
        HttpStatus.SERVICE_UNAVAILABLE,
        `${this.maxRequests} requests are with Unleash, which is the limit (UNLEASH_UPSTREAM_REQUESTS). Try again later.`,
      );
    }
    const url = new URL(this.base + path + queryOf(request.originalUrl));
    const headers = {
      ...forwardable(request.headers),
      via: appended(request.headers.via, VIA),
      'x-forwarded-for': appended(request.headers['x-forwarded-for'], request.socket.remoteAddress ?? 'unknown'),
    };
    return new Promise((resolve, reject) => {
      const send = url.protocol === 'https:' ? httpsRequest : httpRequest;
      const outgoing = send(url, { method: request.method, headers });
      this.underWay++;
      let hasTimedOut = false;
      const deadline = setTimeout(() => {
        hasTimedOut = true;
        outgoing.destroy();
      }, ANSWER_TIMEOUT_MS);
      // The client's connection, at the end of the answer or before it.
      response.once('close', () => {
        outgoing.destroy();
        resolve();
      });
      outgoing.once('close', () => {
        clearTimeout(deadline);
        this.streams.delete(outgoing);
        this.underWay--;
      });
      // More than one may come, and one that nobody hears ends the process.
      outgoing.on('error', (error: NodeJS.ErrnoException) => reject(unavailable(hasTimedOut, error)));
      outgoing.once('response', (answer) => {
        clearTimeout(deadline);
        this.streams.add(outgoing);
        try {
          handBack(answer, response);
        } catch (error) {
          // A status or a header that can be read and not written.
          outgoing.destroy();
          reject(
            new UpstreamUnavailableError(HttpStatus.BAD_GATEWAY, `Unleash's answer can't be read (${String(error)}).`),
          );
        }
      });
      sendBody(request, outgoing);
    });
  }
}

function handBack(answer: IncomingMessage, response: Response): void {
  response.status(answer.statusCode!);
  for (const [name, value] of Object.entries(forwardable(answer.headers))) response.setHeader(name, value!);
  // The head of a stream says that it is there, long before its first event.
  response.flushHeaders();
  const silence = setTimeout(() => answer.destroy(), SILENCE_TIMEOUT_MS);
  answer.on('data', () => silence.refresh());
  // An answer that breaks off breaks off here, too: the connection is cut, not ended.
  pipeline(answer, response, () => clearTimeout(silence));
}

function sendBody(request: Request, outgoing: ClientRequest): void {
  if (!request.readableEnded) {
    request.pipe(outgoing);
    return;
  }
  // A host that parses bodies globally has read it.
  const body = request.body === undefined ? '' : JSON.stringify(request.body);
  outgoing.removeHeader('content-encoding');
  outgoing.setHeader('content-length', Buffer.byteLength(body));
  outgoing.end(body);
}

function forwardable(headers: IncomingHttpHeaders): IncomingHttpHeaders {
  const ofConnection = new Set((headers.connection ?? '').split(',').map((name) => name.trim().toLowerCase()));
  return Object.fromEntries(
    Object.entries(headers).filter(
      ([name, value]) => value !== undefined && !NOT_FORWARDED.has(name) && !ofConnection.has(name),
    ),
  );
}

/** What a list-valued header says when one more is at its end. */
function appended(list: string | string[] | undefined, entry: string): string {
  return list === undefined ? entry : `${String(list)}, ${entry}`;
}

function queryOf(url: string): string {
  const start = url.indexOf('?');
  return start < 0 ? '' : url.slice(start);
}

function unavailable(hasTimedOut: boolean, error: NodeJS.ErrnoException): UpstreamUnavailableError {
  return hasTimedOut
    ? new UpstreamUnavailableError(
        HttpStatus.SERVICE_UNAVAILABLE,
        `Unleash has not answered within ${ANSWER_TIMEOUT_MS} ms.`,
      )
    : new UpstreamUnavailableError(
        HttpStatus.BAD_GATEWAY,
        `Unleash can't be reached (${error.code ?? 'connection lost'}).`,
      );
}
