import type { IncomingMessage, Server, ServerResponse } from 'node:http';

/**
 * In each round of the event loop, no further waiting request starts after this time. Connections that are already open are
 * served in the same round, so the time is short compared with a wait that a client would notice.
 */
const START_BUDGET_MS = 5;

/** Maximum time for which a request waits while new connections arrive. New connections could otherwise delay it indefinitely. */
const LONGEST_WAIT_MS = 50;

type Start = (request: IncomingMessage, response: ServerResponse) => void;

interface WaitingRequest {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly start: Start;
  readonly since: number;
}

/**
 * Starts requests so that new connections do not wait for the work of earlier ones. Node.js accepts one connection in a round of
 * the event loop, so the last of 60 connections would otherwise wait while the requests of the other 59 are handled. Therefore no
 * request starts in a round that has accepted a connection, because the next connection may already be waiting. All servers of a
 * process share one object, because they share the event loop.
 */
export class PacedStarts {
  private readonly waiting: WaitingRequest[] = [];
  private hasAccepted = false;
  private isRoundEnding = false;

  /** Starts to observe the new connections of a server. */
  watch(server: Server): void {
    server.on('connection', () => {
      this.hasAccepted = true;
      this.endRound();
    });
  }

  /**
   * Starts a request immediately if no connection was accepted in this round and no other request is waiting, and otherwise in
   * its turn.
   *
   * @param start handles the request
   */
  enter(request: IncomingMessage, response: ServerResponse, start: Start): void {
    if (!this.hasAccepted && this.waiting.length === 0) {
      start(request, response);
      return;
    }
    this.waiting.push({ request, response, start, since: performance.now() });
    this.endRound();
  }

  private endRound(): void {
    if (this.isRoundEnding) return;
    this.isRoundEnding = true;
    setImmediate(() => {
      this.isRoundEnding = false;
      const { hasAccepted } = this;
      this.hasAccepted = false;
      const beganAt = performance.now();
      const oldest = this.waiting[0];
      try {
        if (oldest !== undefined && (!hasAccepted || beganAt - oldest.since > LONGEST_WAIT_MS))
          this.startWaiting(beganAt);
      } finally {
        // If `start` has thrown, the other requests must not wait for the next connection.
        if (this.waiting.length > 0) this.endRound();
      }
    });
  }

  private startWaiting(beganAt: number): void {
    do {
      const { request, response, start } = this.waiting.shift()!;
      // The client of a request that has waited may be gone.
      if (!request.socket.destroyed) start(request, response);
    } while (this.waiting.length > 0 && performance.now() - beganAt < START_BUDGET_MS);
  }
}
