import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';

/** Other processes take requests meanwhile, or this one is back. */
const RETRY_SECONDS = 1;

const STOPPING = JSON.stringify({
  name: 'ServiceStoppingError',
  message: 'This server is stopping. Send the request again; another process takes it, or this one when it is back.',
});

/** A scheme and an authority in front of a path. */
const ABSOLUTE_FORM = /^https?:\/\/[^/?#]*/i;

type Listener = (request: IncomingMessage, response: ServerResponse) => void;

/** Sees every request of the server first, whatever answers it afterwards. */
export class RequestEntry {
  private isStopping = false;

  /** From now on every request is answered 503 and its connection closed. */
  stop(): void {
    this.isStopping = true;
  }

  /** Puts the entry in front of whatever answers the requests of a server now. */
  install(server: Server): void {
    const listeners = server.listeners('request') as Listener[];
    server.removeAllListeners('request');
    server.on('request', (request: IncomingMessage, response: ServerResponse) => {
      if (this.isStopping) return refuse(response);
      request.url = originForm(request.url ?? '/');
      for (const listener of listeners) listener(request, response);
    });
    server.on('connect', (_request: IncomingMessage, socket: Duplex) => {
      // Without a listener Node closes the connection without a word.
      socket.on('error', () => undefined);
      socket.end('HTTP/1.1 405 Method Not Allowed\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
    });
  }
}

/**
 * The path and query of a request target. Clients that take this server for a proxy send the whole URL, which a server has to
 * accept (RFC 9112, 3.2.2).
 */
export function originForm(target: string): string {
  if (target.startsWith('/')) return target;
  const path = target.replace(ABSOLUTE_FORM, '');
  return path === target || path.startsWith('/') ? path : `/${path}`;
}

function refuse(response: ServerResponse): void {
  response
    .writeHead(503, {
      'Content-Type': 'application/json; charset=utf-8',
      'Content-Length': String(Buffer.byteLength(STOPPING)),
      'Retry-After': String(RETRY_SECONDS),
      Connection: 'close',
    })
    .end(STOPPING);
}
