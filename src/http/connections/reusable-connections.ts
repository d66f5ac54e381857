import type { Socket } from 'node:net';
import { isAnswering, takeUse } from './pipelined-requests.js';

/**
 * Maximum number of connections that are examined for one new connection. Examining a thousand takes less than a tenth of a
 * millisecond. Those that can't be closed are examined last the next time, so that each one has its turn.
 */
const MOST_EXAMINED = 1_000;

/**
 * The open connections of a listener, in the order in which they are closed when a new one needs room.
 *
 * A connection without a request in progress can be closed: its client has sent no complete head of a request yet, or it has
 * received all its answers and may not come back. The one that has been in this state for longest is closed first. A connection
 * that was used since it was last examined goes back to the end instead. This keeps the order close to that of the last use,
 * although a request does not change it.
 */
export class ReusableConnections {
  private readonly sockets = new Set<Socket>();

  get size(): number {
    return this.sockets.size;
  }

  /** Adds a new connection. It is removed automatically when it closes. */
  add(socket: Socket): void {
    this.sockets.add(socket);
    socket.once('close', () => this.sockets.delete(socket));
  }

  /**
   * Closes the connection that can best be spared.
   *
   * @returns false if none can be closed, because all that were examined have a request in progress
   */
  closeOne(): boolean {
    // Two passes are enough, because the first one clears the mark of every used connection.
    let left = Math.min(2 * this.sockets.size, MOST_EXAMINED);
    for (const socket of this.sockets) {
      if (left-- === 0) return false;
      const wasUsed = takeUse(socket);
      this.sockets.delete(socket);
      if (!wasUsed && !isAnswering(socket)) {
        socket.destroy();
        return true;
      }
      this.sockets.add(socket);
    }
    return false;
  }
}
