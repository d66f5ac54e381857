import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { PacedStarts } from './paced-starts.js';
import { PipelinedRequests } from './pipelined-requests.js';
import { paceTinyChunks } from './tiny-chunks.js';

/**
 * The time for which clients are asked to wait. By then, another process should be accepting requests, or this one should have
 * restarted.
 */
const RETRY_SECONDS = 1;

const STOPPING = JSON.stringify({
  name: 'ServiceStoppingError',
  message:
    'This server is stopping. Send the request again: another process accepts it, or this one after its restart.',
});

/** Matches the scheme and the authority that precede the path in a URL. */
const ABSOLUTE_FORM = /^https?:\/\/[^/?#]*/i;

type Listener = (request: IncomingMessage, response: ServerResponse) => void;

/** Handles every request before all other request listeners. */
export class RequestEntry {
  private readonly starts = new PacedStarts();
  private isStopping = false;

  /** @param maxPipelined maximum number of requests of a connection that wait for their turn */
  constructor(private readonly maxPipelined: number) {}

  /** Answers all further requests with 503 and closes their connections. */
  stop(): void {
    this.isStopping = true;
  }

  /**
   * Puts the entry in front of the current request listeners of a server.
   *
   * @param answersFirst sees each request before the listeners, and returns whether it has answered the request
   */
  install(server: Server, answersFirst?: (request: IncomingMessage, response: ServerResponse) => boolean): void {
    const listeners = server.listeners('request') as Listener[];
    server.removeAllListeners('request');
    const start = (request: IncomingMessage, response: ServerResponse) => {
      request.url = originForm(request.url ?? '/');
      if (answersFirst?.(request, response) === true) return;
      if (this.isStopping) return refuse(response, STOPPING);
      for (const listener of listeners) listener(request, response);
    };
    this.starts.watch(server);
    const requests = new PipelinedRequests(this.maxPipelined, refusePipelined, (request, response) =>
      this.starts.enter(request, response, start),
    );
    server.on('request', (request: IncomingMessage, response: ServerResponse) => {
      if (request.headers['transfer-encoding'] !== undefined) paceTinyChunks(request);
      requests.enter(request, response);
    });
    server.on('connect', (_request: IncomingMessage, socket: Duplex) => {
      // Without a listener for this event, Node.js closes the connection without an answer.
      socket.on('error', () => undefined);
      socket.end('HTTP/1.1 405 Method Not Allowed\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
    });
  }
}

/**
 * Returns the path and query of a request target. Clients that are configured to use this server as a proxy send the whole URL,
 * which a server must accept (RFC 9112, 3.2.2).
 */
export function originForm(target: string): string {
  if (target.startsWith('/')) return target;
  const path = target.replace(ABSOLUTE_FORM, '');
  return path === target || path.startsWith('/') ? path : `/${path}`;
}

function refusePipelined(response: ServerResponse, limit: number): void {
  const message =
    `This connection has sent more than ${limit} requests without waiting for answers, which is the limit (HTTP_MAX_PIPELINED_REQUESTS). ` +
    'The remaining requests were not handled. Send them again, and wait for answers.';
  refuse(response, JSON.stringify({ name: 'TooManyPipelinedRequestsError', message }));
}

function refuse(response: ServerResponse, body: string): void {
  response
    .writeHead(503, {
      'Content-Type': 'application/json; charset=utf-8',
      'Content-Length': String(Buffer.byteLength(body)),
      'Retry-After': String(RETRY_SECONDS),
      Connection: 'close',
    })
    .end(body);
}
