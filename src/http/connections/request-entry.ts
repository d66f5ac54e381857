import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';

/** After this time another process accepts the request, or this one has restarted. */
const RETRY_SECONDS = 1;

const STOPPING = JSON.stringify({
  name: 'ServiceStoppingError',
  message:
    'This server is stopping. Send the request again: another process accepts it, or this one after its restart.',
});

/** Matches the scheme and the authority in front of a path. */
const ABSOLUTE_FORM = /^https?:\/\/[^/?#]*/i;

type Listener = (request: IncomingMessage, response: ServerResponse) => void;

/** Handles every request before all other request listeners. */
export class RequestEntry {
  private isStopping = false;

  /** From now on, answers every request with 503 and closes its connection. */
  stop(): void {
    this.isStopping = true;
  }

  /** Puts the entry in front of the current request listeners of a server. */
  install(server: Server): void {
    const listeners = server.listeners('request') as Listener[];
    server.removeAllListeners('request');
    server.on('request', (request: IncomingMessage, response: ServerResponse) => {
      if (this.isStopping) return refuse(response);
      request.url = originForm(request.url ?? '/');
      for (const listener of listeners) listener(request, response);
    });
    server.on('connect', (_request: IncomingMessage, socket: Duplex) => {
      // Without a listener, Node.js closes the connection without an answer.
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
