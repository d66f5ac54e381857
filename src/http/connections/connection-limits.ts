import type { Server } from 'node:http';
import { Logger } from '@nestjs/common';

/** How often requests that take too long are looked for; by default Node looks every 30 s, so 30 s could last 60. */
const CHECK_INTERVAL_MS = 1_000;

/** The head of a request fits into a packet or two; a connection that is silent this long keeps its place from others. */
const LONGEST_HEAD_MS = 10_000;

const DROP_LOG_INTERVAL_MS = 60_000;
const CLOSE_IDLE_INTERVAL_MS = 1_000;

/** What one listener allows its clients. */
export interface ConnectionLimits {
  /** How long a request may take to arrive, head and body. Its answer may take longer. */
  readonly requestTimeoutMs: number;
  readonly maxConnections: number;
}

/** Bounds what clients can hold by being slow or many. Has to be called before the server listens. */
export function limitConnections(server: Server, { requestTimeoutMs, maxConnections }: ConnectionLimits): void {
  // 0 would mean no limit.
  server.requestTimeout = Math.max(requestTimeoutMs, 1);
  server.headersTimeout = Math.min(server.requestTimeout, LONGEST_HEAD_MS);
  // An option of createServer, which Nest calls; Node reads it when the server begins to listen.
  Object.assign(server, { connectionsCheckingInterval: CHECK_INTERVAL_MS });
  server.maxConnections = maxConnections;
  const logger = new Logger('Connections');
  let loggedAt = -Infinity;
  let closedIdleAt = -Infinity;
  server.on('drop', () => {
    const now = performance.now();
    if (now - closedIdleAt > CLOSE_IDLE_INTERVAL_MS) {
      closedIdleAt = now;
      // Their clients make a new one when they need it; whoever was turned away needs one now.
      server.closeIdleConnections();
    }
    if (now - loggedAt < DROP_LOG_INTERVAL_MS) return;
    loggedAt = now;
    logger.warn(
      `A connection was closed at once, because ${maxConnections} are open, which is the limit (HTTP_MAX_CONNECTIONS, or a part ` +
        'of what the limit of open files allows).',
    );
  });
}
