import type { Server } from 'node:http';

/**
 * The time for which an idle connection stays open. It is longer than the idle timeout that load balancers and agents usually
 * have (60 s), because a request that has just been sent is lost if the server closes the connection first.
 */
const KEEP_ALIVE_MS = 65_000;

const CLOSE_IDLE_INTERVAL_MS = 50;

export function keepConnections(server: Server): void {
  server.keepAliveTimeout = KEEP_ALIVE_MS;
}

/**
 * Repeatedly closes the idle connections of a server that is closing. A connection that had a request in progress when the server
 * began to close stays open after the answer, and the server would wait for it.
 *
 * @returns a function that stops this
 */
export function keepClosingIdle(server: Server): () => void {
  const timer = setInterval(() => server.closeIdleConnections(), CLOSE_IDLE_INTERVAL_MS);
  return () => clearInterval(timer);
}
