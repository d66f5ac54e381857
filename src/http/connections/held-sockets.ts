import type { Socket } from 'node:net';
import { Turns } from '../../scheduling/turns.js';

const IS_HELD = Symbol('isHeld');

/** A socket with the mark that {@link holdSocket} sets. */
interface HoldableSocket extends Socket {
  [IS_HELD]?: boolean;
}

/** Stops reading from a socket until {@link releaseSocket}. Bytes that were read before are still parsed. */
export function holdSocket(socket: Socket): void {
  const holdable = socket as HoldableSocket;
  if (holdable[IS_HELD] === undefined) {
    // Node.js resumes a socket after each complete request, because it expects the next one.
    socket.on('resume', () => {
      if (holdable[IS_HELD] === true) socket.pause();
    });
  }
  holdable[IS_HELD] = true;
  socket.pause();
}

/** Returns whether {@link holdSocket} has stopped reading from a socket. */
export function isHeld(socket: Socket): boolean {
  return (socket as HoldableSocket)[IS_HELD] === true;
}

/**
 * Continues to read from a socket in its turn. One read of 64 KiB can take many milliseconds to parse, so each held socket waits
 * for a turn, after which all other connections are served.
 */
export function releaseSocket(socket: Socket): void {
  void new Turns().next().then(() => {
    (socket as HoldableSocket)[IS_HELD] = false;
    if (!socket.destroyed) socket.resume();
  });
}
