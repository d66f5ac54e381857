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
import { UpstreamSlots } from './upstream-slots.js';

/** SDKs give up after 10 s; this is the answer that they can still read. */
const ANSWER_TIMEOUT_MS = 8_000;

/**
 * SDKs take a stream for dead that has been silent for a minute, and Unleash sends a heartbeat in time. A reader that takes nothing
 * is silent as well, and does not keep its slot.
 */
const SILENCE_TIMEOUT_MS = 90_000;

/** A list of flags that takes longer than this is read by nobody: its SDK has given up long ago. */
const WHOLE_ANSWER_TIMEOUT_MS = 60_000;

/** The flags of the largest installations are a tenth of this. */
const WHOLE_ANSWER_MAX_BYTES = 64 * 1024 * 1024;

/** An SDK sends its name or the context of a user. Unleash itself takes 100 kB. */
const BODY_MAX_BYTES = 1024 * 1024;

/** A revocation is known here after half a second, so that a stream ends within one. */
const TOKEN_CHECK_INTERVAL_MS = 500;

/** Marks what has passed through here, so that an upstream that leads back is noticed at once. */
const VIA = '1.1 custom-metrics';

/**
 * Forwards requests to a real Unleash, and its answers back. Only what the controllers hand over gets there, after the token was
 * checked here, and only the headers that an SDK and Unleash need of each other.
 */
@Injectable()
export class UnleashUpstream implements BeforeApplicationShutdown {
  /** Without `/api` and without a slash at the end; undefined = there is none. */
  private readonly base: string | undefined;
  private readonly maxRequests: number;
  private readonly slots: UpstreamSlots;
  private readonly open = new Map<ClientRequest, AuthorizedRequest>();
  private tokenCheck: NodeJS.Timeout | undefined;

  constructor(
    @Inject(CUSTOM_METRICS_OPTIONS) { unleash }: CustomMetricsOptions,
    private readonly tokens: ApiTokensService,
    private readonly bodies: BodyReader,
  ) {
    this.maxRequests = unleash.upstreamRequests;
    this.slots = new UpstreamSlots(unleash.upstreamRequests);
    this.base =
      unleash.upstreamUrl === undefined ? undefined : withoutTrailingSlashes(unleash.upstreamUrl).replace(/\/api$/, '');
  }

  get isThere(): boolean {
    return this.base !== undefined;
  }

  /** A stream never ends by itself, and a server that waits for it would never stop. */
  beforeApplicationShutdown(): void {
    clearInterval(this.tokenCheck);
    for (const outgoing of this.open.keys()) outgoing.destroy();
  }

  /**
   * Forwards one request.
   *
   * @param path below the upstream's address; only the query is the request's
   * @returns when the answer has been passed on, or the client has gone
   * @throws UpstreamUnavailableError 502 or 503 while nothing of an answer is there
   */
  async forward(request: AuthorizedRequest, response: Response, path: string): Promise<void> {
    if (request.headers.via?.includes(VIA)) {
      throw new UpstreamUnavailableError(
        HttpStatus.BAD_GATEWAY,
        'UNLEASH_UPSTREAM_URL leads back to this service; it must name an Unleash.',
      );
    }
    const headers = { ...requestHeaders(request.headers), ...addedHeaders(request) };
    // Read before a slot is taken: a slow sender must not hold one.
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
    await exchange(outgoing, body, request, response);
  }

  /** Inflates, so that the limit counts what Unleash would have to hold. */
  private async readWholeBody(request: Request, response: Response): Promise<Buffer> {
    const bytes = await this.bodies.read(request, response, { maxBytes: BODY_MAX_BYTES });
    if (bytes !== undefined) return bytes;
    // A host that parses bodies globally has read it.
    const body: unknown = request.body;
    if (Buffer.isBuffer(body)) return body;
    return Buffer.from(body === undefined ? '' : JSON.stringify(body));
  }

  private noSlot(): string {
    return (
      `This token holds its share of the ${this.maxRequests} requests that may be with Unleash at one time ` +
      '(UNLEASH_UPSTREAM_REQUESTS), or all are taken. Try again later.'
    );
  }

  /** Ends what a token has open soon after it was revoked or has expired. */
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

/** Credentials that Unleash knows, and where the request came from. */
function addedHeaders({ headers, socket }: Request): Record<string, string> {
  const { authorization } = headers;
  const secret = secretOf(authorization)!;
  if (secret.startsWith(TOKEN_PREFIX)) {
    throw new ForbiddenException(
      'This token was created here, so Unleash does not know it, and it is not sent there. For flags an SDK needs a token of ' +
        'Unleash, which INIT_BACKEND_API_TOKENS or INIT_FRONTEND_API_TOKENS makes known here as well.',
    );
  }
  return {
    authorization: secret,
    via: appended(headers.via, VIA),
    'x-forwarded-for': appended(headers['x-forwarded-for'], socket.remoteAddress ?? 'unknown'),
  };
}

/** Sends the request, and settles when the answer has been passed on, cannot be had, or has nobody to go to. */
function exchange(
  outgoing: ClientRequest,
  body: Buffer | undefined,
  request: Request,
  response: Response,
): Promise<void> {
  return new Promise((resolve, reject) => {
    let hasTimedOut = false;
    const deadline = setTimeout(() => {
      hasTimedOut = true;
      outgoing.destroy();
    }, ANSWER_TIMEOUT_MS);
    // The client's connection, at the end of the answer or before it.
    const end = () => {
      outgoing.destroy();
      resolve();
    };
    response.once('close', end);
    outgoing.once('close', () => clearTimeout(deadline));
    // More than one may come, and one without a listener ends the process.
    outgoing.on('error', (error: NodeJS.ErrnoException) => reject(unavailable(hasTimedOut, error)));
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
    // It may have gone while its body was read.
    if (response.closed) end();
  });
}

/** @throws UpstreamUnavailableError if the answer is none that an SDK can use */
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
    // The head of a stream says that it is there, long before its first event.
    response.flushHeaders();
  } catch (error) {
    // A status or a header that can be read and not written.
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
  // An answer that breaks off breaks off here, too: the connection is cut, not ended.
  pipeline(answer, counter, response, () => {
    clearTimeout(silence);
    clearTimeout(deadline);
  });
}

/** A list-valued header with one more entry at its end. */
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
