import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { holdSocket, releaseSocket } from './held-sockets.js';

const CURRENT = Symbol('current');
const WAITING = Symbol('waiting');

interface Pipelined {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

interface PipelinedSocket extends Socket {
  /** The response that is in progress, or the last one. */
  [CURRENT]?: ServerResponse;
  [WAITING]?: Pipelined[];
}

/** Handles the requests of a connection one after the other, although a client may send them without waiting for answers. */
export class PipelinedRequests {
  /**
   * @param limit maximum number of requests that a connection may have sent without an answer. Each takes several kilobytes
   * @param refuse answers a request because its connection has sent too many, and closes the connection
   * @param handle handles a request
   */
  constructor(
    private readonly limit: number,
    private readonly refuse: (response: ServerResponse, limit: number) => void,
    private readonly handle: (request: IncomingMessage, response: ServerResponse) => void,
  ) {}

  /** Handles a request at once if no other request of its connection is in progress, and otherwise in its turn. */
  enter(request: IncomingMessage, response: ServerResponse): void {
    const socket = request.socket as PipelinedSocket;
    // Node.js assigns the socket to a response when all earlier ones are complete.
    if (response.socket !== null) {
      socket[CURRENT] = response;
      this.handle(request, response);
      return;
    }
    const waiting = (socket[WAITING] ??= []);
    waiting.push({ request, response });
    if (waiting.length === 1) {
      holdSocket(socket);
      socket[CURRENT]!.once('close', () => this.next(socket));
    } else if (waiting.length === this.limit + 1) {
      this.refuse(waiting[0]!.response, this.limit);
    } else if (waiting.length > this.limit) {
      // The connection closes with the refusal, so nothing after it is answered.
      waiting.pop();
    }
  }

  private next(socket: PipelinedSocket): void {
    const waiting = socket[WAITING]!;
    // Other connections are served before the next request.
    setImmediate(() => {
      // Beyond the limit, the next request has been refused.
      if (socket.destroyed || waiting.length > this.limit) return;
      const { request, response } = waiting.shift()!;
      socket[CURRENT] = response;
      if (waiting.length > 0) response.once('close', () => this.next(socket));
      else releaseSocket(socket);
      this.handle(request, response);
    });
  }
}
