import type { Server } from 'node:http';

/**
 * How long a connection without a request stays open. Longer than load balancers and agents keep theirs, usually 60 s: where the
 * server closes first, a request that was just sent is lost.
 */
const KEEP_ALIVE_MS = 65_000;

const CLOSE_IDLE_INTERVAL_MS = 50;

export function keepConnections(server: Server): void {
  server.keepAliveTimeout = KEEP_ALIVE_MS;
}

/**
 * For a server that is being closed: a connection that had a request at that moment is kept for the next one when it is
 * answered, and would be waited for.
 *
 * @returns ends it
 */
export function keepClosingIdle(server: Server): () => void {
  const timer = setInterval(() => server.closeIdleConnections(), CLOSE_IDLE_INTERVAL_MS);
  return () => clearInterval(timer);
}
