import { type ClientRequest, type IncomingMessage, request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { pipeline, Transform } from 'node:stream';
import { type BeforeApplicationShutdown, ForbiddenException, HttpStatus, Inject, Injectable } from '@nestjs/common';
import type { Request, Response } from 'express';
import type { AuthorizedRequest } from '../../api-tokens/api-token.guard.js';
import { ApiTokensService } from '../../api-tokens/api-tokens.service.js';
import { secretOf, TOKEN_PREFIX } from '../../api-tokens/token-secret.js';
import { CUSTOM_METRICS_OPTIONS, type CustomMetricsOptions } from '../../custom-metrics.options.js';
import { UpstreamUnavailableError } from '../../http/answers/errors.js';
import { BodyReader } from '../../http/bodies/body-reader.js';
import { withoutTrailingSlashes } from '../../http/trailing-slashes.js';
import { answerHeaders, requestHeaders } from './upstream-headers.js';
import { SharedSlots } from '../../http/connections/shared-slots.js';

/**
 * Maximum silence in an answer. SDKs give up a stream after a minute of silence, and Unleash sends heartbeats before that. A
 * client that reads nothing causes silence as well, and loses its slot. This is not a setting: a shorter time would break streams
 * between two heartbeats, and with a longer one, dead clients would keep their slots without any SDK noticing it.
 */
const SILENCE_TIMEOUT_MS = 90_000;

/**
 * Maximum time for a list of flags. An SDK gives up long before that, so a setting could only make dead connections live longer.
 */
const WHOLE_ANSWER_TIMEOUT_MS = 60_000;

/**
 * Maximum size of a list of flags. Even the lists of the largest installations are only a tenth of this, so nobody would need a
 * larger one, and a smaller one would only break an SDK.
 */
const WHOLE_ANSWER_MAX_BYTES = 64 * 1024 * 1024;

/** Maximum size of a body. An SDK sends its name or the context of a user. Unleash itself accepts 100 kB. */
const BODY_MAX_BYTES = 1024 * 1024;

/**
 * The pause between two token checks. A revocation reaches this process within half a second, so a stream ends within one second.
 */
const TOKEN_CHECK_INTERVAL_MS = 500;

/**
 * Marks requests that were forwarded by this service, so that an upstream URL that leads back to this service is detected
 * immediately.
 */
const VIA = '1.1 custom-metrics';

/**
 * Forwards requests to a real Unleash, and passes its answers on to the client. Only requests to the routes of the controllers
 * are forwarded, after their token was checked, and only with the headers that SDKs and Unleash need.
 */
@Injectable()
export class UnleashUpstream implements BeforeApplicationShutdown {
  /** The URL of the upstream without `/api` and without a trailing slash; undefined if there is no upstream. */
  private readonly base: string | undefined;
  private readonly maxRequests: number;
  private readonly timeoutMs: number;
  private readonly slots: SharedSlots;
  private readonly open = new Map<ClientRequest, AuthorizedRequest>();
  private tokenCheck: NodeJS.Timeout | undefined;

  constructor(
    @Inject(CUSTOM_METRICS_OPTIONS) { unleash }: CustomMetricsOptions,
    private readonly tokens: ApiTokensService,
    private readonly bodies: BodyReader,
  ) {
    this.maxRequests = unleash.upstreamRequests;
    this.timeoutMs = unleash.upstreamTimeoutSeconds * 1_000;
    this.slots = new SharedSlots(unleash.upstreamRequests);
    this.base =
      unleash.upstreamUrl === undefined ? undefined : withoutTrailingSlashes(unleash.upstreamUrl).replace(/\/api$/, '');
  }

  get isThere(): boolean {
    return this.base !== undefined;
  }

  /** Ends all open requests. A stream does not end on its own, so a server that waited for it would never stop. */
  beforeApplicationShutdown(): void {
    clearInterval(this.tokenCheck);
    for (const outgoing of this.open.keys()) outgoing.destroy();
  }

  /**
   * Forwards one request.
   *
   * @param path the path below the upstream's URL; only the query is taken from the request
   * @returns a promise that resolves once the answer has been passed on or the client has disconnected
   * @throws ForbiddenException if the request has no token that Unleash may know; UpstreamUnavailableError with 502 or 503, if no
   * part of the answer has been sent
   */
  async forward(request: AuthorizedRequest, response: Response, path: string): Promise<void> {
    if (request.headers.via?.includes(VIA)) {
      throw new UpstreamUnavailableError(
        HttpStatus.BAD_GATEWAY,
        'UNLEASH_UPSTREAM_URL leads back to this service; it must name an Unleash.',
      );
    }
    const headers = { ...requestHeaders(request.headers), ...addedHeaders(request) };
    // The body is read before a slot is taken, so that a slow client does not hold one.
    const body = request.method === 'POST' ? await this.readWholeBody(request, response) : undefined;
    const tokenId = request.apiToken!.id;
    if (!this.slots.take(tokenId)) throw new UpstreamUnavailableError(HttpStatus.SERVICE_UNAVAILABLE, this.noSlot());
    const url = new URL(this.base + path + queryOf(request.originalUrl));
    const outgoing = (url.protocol === 'https:' ? httpsRequest : httpRequest)(url, { method: request.method, headers });
    this.watch(outgoing, request);
    outgoing.once('close', () => {
      this.slots.giveBack(tokenId);
      this.open.delete(outgoing);
    });
    await exchange(outgoing, { body, timeoutMs: this.timeoutMs }, request, response);
  }

  /** Reads and inflates the body, so that the limit applies to the inflated size, which Unleash would have to keep in memory. */
  private async readWholeBody(request: Request, response: Response): Promise<Buffer> {
    const bytes = await this.bodies.read(request, response, { maxBytes: BODY_MAX_BYTES });
    if (bytes !== undefined) return bytes;
    // A host application that parses bodies globally has already read the body.
    const body: unknown = request.body;
    if (Buffer.isBuffer(body)) return body;
    return Buffer.from(body === undefined ? '' : JSON.stringify(body));
  }

  private noSlot(): string {
    return (
      `This token uses its share of the ${this.maxRequests} concurrent requests to Unleash ` +
      '(UNLEASH_UPSTREAM_REQUESTS), or all of them are in use. Try again later.'
    );
  }

  /** Keeps track of an open request, and ends it soon after its token has been revoked or has expired. */
  private watch(outgoing: ClientRequest, request: AuthorizedRequest): void {
    this.open.set(outgoing, request);
    this.tokenCheck ??= setInterval(() => {
      for (const [each, { apiToken }] of this.open) if (!this.tokens.isUsable(apiToken!)) each.destroy();
      if (this.open.size > 0) return;
      clearInterval(this.tokenCheck);
      this.tokenCheck = undefined;
    }, TOKEN_CHECK_INTERVAL_MS).unref();
  }
}

/** Returns the headers that are added to a request: credentials that Unleash knows, and the origin of the request. */
function addedHeaders({ headers, socket }: Request): Record<string, string> {
  const { authorization } = headers;
  const secret = secretOf(authorization);
  if (secret === undefined) {
    throw new ForbiddenException(
      'The request has no token of Unleash in its Authorization header, so it is not sent to Unleash.',
    );
  }
  if (secret.startsWith(TOKEN_PREFIX)) {
    throw new ForbiddenException(
      'This token was created here, so Unleash does not know it, and it is not sent there. To get flags, an SDK needs a token ' +
        'of Unleash, which INIT_BACKEND_API_TOKENS or INIT_FRONTEND_API_TOKENS makes known here as well.',
    );
  }
  return {
    authorization: secret,
    via: appended(headers.via, VIA),
    'x-forwarded-for': appended(headers['x-forwarded-for'], socket.remoteAddress ?? 'unknown'),
  };
}

/**
 * Sends the request. The promise resolves once the answer has ended or the client has disconnected, and rejects if there is no
 * usable answer.
 */
function exchange(
  outgoing: ClientRequest,
  { body, timeoutMs }: { readonly body: Buffer | undefined; readonly timeoutMs: number },
  request: Request,
  response: Response,
): Promise<void> {
  return new Promise((resolve, reject) => {
    let hasTimedOut = false;
    const deadline = setTimeout(() => {
      hasTimedOut = true;
      outgoing.destroy();
    }, timeoutMs);
    // The response closes after the end of the answer, or when the client disconnects.
    const end = () => {
      outgoing.destroy();
      resolve();
    };
    response.once('close', end);
    outgoing.once('close', () => clearTimeout(deadline));
    // More than one error may occur, and an error without a listener would end the process.
    outgoing.on('error', (error: NodeJS.ErrnoException) =>
      reject(unavailable(hasTimedOut ? timeoutMs : undefined, error)),
    );
    outgoing.once('response', (answer) => {
      clearTimeout(deadline);
      try {
        passOn(answer, response);
      } catch (error) {
        outgoing.destroy();
        reject(error);
      }
    });
    if (body !== undefined) {
      outgoing.setHeader('content-type', request.headers['content-type'] ?? 'application/json');
      outgoing.setHeader('content-length', body.length);
    }
    outgoing.end(body);
    // The client may have disconnected while its body was read.
    if (response.closed) end();
  });
}

/**
 * Passes the answer on to the client.
 *
 * @throws UpstreamUnavailableError if an SDK can't use the answer
 */
function passOn(answer: IncomingMessage, response: Response): void {
  const status = answer.statusCode!;
  if (status >= 300 && status < 400 && status !== 304) {
    throw new UpstreamUnavailableError(
      HttpStatus.BAD_GATEWAY,
      `Unleash answers with a redirect (${status}), which is not followed: set UNLEASH_UPSTREAM_URL to its final address.`,
    );
  }
  try {
    response.status(status);
    for (const [name, value] of Object.entries(answerHeaders(answer.headers))) response.setHeader(name, value!);
    // The headers of a stream must reach the client long before its first event.
    response.flushHeaders();
  } catch (error) {
    // Node.js can parse some statuses and headers that it refuses to send.
    throw new UpstreamUnavailableError(HttpStatus.BAD_GATEWAY, `Unleash's answer can't be read (${String(error)}).`);
  }
  const isStream = answer.headers['content-type']?.startsWith('text/event-stream') ?? false;
  const silence = setTimeout(() => answer.destroy(), SILENCE_TIMEOUT_MS);
  const deadline = isStream ? undefined : setTimeout(() => answer.destroy(), WHOLE_ANSWER_TIMEOUT_MS);
  let bytes = 0;
  const counter = new Transform({
    transform: (chunk: Buffer, _encoding, pass) => {
      silence.refresh();
      bytes += chunk.length;
      if (!isStream && bytes > WHOLE_ANSWER_MAX_BYTES) pass(new Error('The answer of Unleash is too large.'));
      else pass(null, chunk);
    },
  });
  // If the answer breaks off, the client's connection is destroyed instead of ended, so that the client notices it.
  pipeline(answer, counter, response, () => {
    clearTimeout(silence);
    clearTimeout(deadline);
  });
}

/** Returns a list-valued header with one more entry at its end. */
function appended(list: string | string[] | undefined, entry: string): string {
  return list === undefined ? entry : `${String(list)}, ${entry}`;
}

function queryOf(url: string): string {
  const start = url.indexOf('?');
  return start < 0 ? '' : url.slice(start);
}

function unavailable(timeoutMs: number | undefined, error: NodeJS.ErrnoException): UpstreamUnavailableError {
  return timeoutMs !== undefined
    ? new UpstreamUnavailableError(
        HttpStatus.SERVICE_UNAVAILABLE,
        `Unleash has not answered within ${timeoutMs} ms (UNLEASH_UPSTREAM_TIMEOUT).`,
      )
    : new UpstreamUnavailableError(
        HttpStatus.BAD_GATEWAY,
        `Unleash can't be reached (${error.code ?? 'connection lost'}).`,
      );
}
