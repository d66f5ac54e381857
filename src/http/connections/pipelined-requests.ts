import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { holdSocket, releaseSocket } from './held-sockets.js';

const CURRENT = Symbol('current');
const ROUND = Symbol('round');
const WAITING = Symbol('waiting');
const IS_USED = Symbol('isUsed');

interface Pipelined {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

interface PipelinedSocket extends Socket {
  /** The response that is in progress, or the last one. */
  [CURRENT]?: ServerResponse;
  /** The round of the event loop in which the last request was handled. */
  [ROUND]?: number;
  [WAITING]?: Pipelined[];
  /** True if a request was handled since the last {@link takeUse}. */
  [IS_USED]?: boolean;
}

/** Returns whether the client of a connection has sent the head of a request that is not completely answered yet. */
export function isAnswering(socket: Socket): boolean {
  const { [CURRENT]: current, [WAITING]: waiting = [] } = socket as PipelinedSocket;
  return waiting.length > 0 || (current !== undefined && !current.writableFinished);
}

/** Returns whether a request of a connection was handled since the last call. */
export function takeUse(socket: Socket): boolean {
  const pipelined = socket as PipelinedSocket;
  const isUsed = pipelined[IS_USED] === true;
  pipelined[IS_USED] = false;
  return isUsed;
}

/**
 * Handles the requests of a connection one after the other, and at most one in a round of the event loop, even if a client sends
 * them without waiting for answers. Node.js parses up to two megabytes of a connection without a pause, so a thousand requests
 * that are answered immediately would otherwise be handled before any other connection is served.
 */
export class PipelinedRequests {
  private round = 0;
  private isRoundEnding = false;

  /**
   * @param limit maximum number of requests of a connection that wait for their turn. Each takes several kilobytes
   * @param refuse answers a request because its connection has sent too many, and closes the connection
   * @param handle handles a request
   */
  constructor(
    private readonly limit: number,
    private readonly refuse: (response: ServerResponse, limit: number) => void,
    private readonly handle: (request: IncomingMessage, response: ServerResponse) => void,
  ) {}

  /**
   * Handles a request immediately if no other request of its connection is in progress or was handled in this round of the event
   * loop, and otherwise in its turn.
   */
  enter(request: IncomingMessage, response: ServerResponse): void {
    const socket = request.socket as PipelinedSocket;
    // Node.js assigns the socket to a response when all earlier ones are complete.
    const isFirst = response.socket !== null;
    if (isFirst && socket[ROUND] !== this.round) {
      this.begin(socket, request, response);
      return;
    }
    const waiting = (socket[WAITING] ??= []);
    waiting.push({ request, response });
    if (waiting.length === 1) {
      holdSocket(socket);
      if (isFirst) this.next(socket);
      else socket[CURRENT]!.once('close', () => this.next(socket));
    } else if (waiting.length === this.limit + 1) {
      this.refuse(waiting[0]!.response, this.limit);
    } else if (waiting.length > this.limit) {
      // The connection closes with the refusal, so nothing after it is answered.
      waiting.pop();
    }
  }

  private begin(socket: PipelinedSocket, request: IncomingMessage, response: ServerResponse): void {
    socket[CURRENT] = response;
    socket[ROUND] = this.round;
    socket[IS_USED] = true;
    if (!this.isRoundEnding) {
      this.isRoundEnding = true;
      setImmediate(() => {
        this.isRoundEnding = false;
        this.round++;
      });
    }
    this.handle(request, response);
  }

  private next(socket: PipelinedSocket): void {
    const waiting = socket[WAITING]!;
    // Other connections are served before the next request.
    setImmediate(() => {
      // Beyond the limit, the next request has been refused.
      if (socket.destroyed || waiting.length > this.limit) return;
      const { request, response } = waiting.shift()!;
      if (waiting.length > 0) response.once('close', () => this.next(socket));
      else releaseSocket(socket);
      this.begin(socket, request, response);
    });
  }
}
