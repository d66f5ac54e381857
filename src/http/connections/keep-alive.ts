import type { Server } from 'node:http';

/**
 * The time for which an idle connection stays open. It is longer than that of load balancers and agents, usually 60 s, because
 * a request that was just sent is lost if the server closes the connection first.
 */
const KEEP_ALIVE_MS = 65_000;

const CLOSE_IDLE_INTERVAL_MS = 50;

export function keepConnections(server: Server): void {
  server.keepAliveTimeout = KEEP_ALIVE_MS;
}

/**
 * Closes idle connections of a closing server repeatedly. A connection with a request in progress when the closing began stays
 * open after the answer, and the server would wait for it.
 *
 * @returns a function that stops the repetition
 */
export function keepClosingIdle(server: Server): () => void {
  const timer = setInterval(() => server.closeIdleConnections(), CLOSE_IDLE_INTERVAL_MS);
  return () => clearInterval(timer);
}
