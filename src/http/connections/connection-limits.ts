import cluster from 'node:cluster';
import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { Logger } from '@nestjs/common';

/** The pause between two checks for slow requests. With the default of Node.js, 30 s, a limit of 30 s could last 60 s. */
const CHECK_INTERVAL_MS = 1_000;

/**
 * Maximum time for the headers of a request, which fit into one or two packets. A silent connection would otherwise occupy a slot
 * for longer.
 */
const LONGEST_HEAD_MS = 10_000;

const DROP_LOG_INTERVAL_MS = 60_000;
const CLOSE_IDLE_INTERVAL_MS = 1_000;

/** The limits for the clients of one listener. */
export interface ConnectionLimits {
  /** Maximum time for a request to arrive, including its body. The answer may take longer. */
  readonly requestTimeoutMs: number;
  readonly maxConnections: number;
}

/**
 * Limits the time for requests to arrive, and the number of connections. This function must be called before the server
 * listens.
 */
export function limitConnections(server: Server, { requestTimeoutMs, maxConnections }: ConnectionLimits): void {
  // The minimum is 1, because 0 would mean no limit.
  server.requestTimeout = Math.max(requestTimeoutMs, 1);
  server.headersTimeout = Math.min(server.requestTimeout, LONGEST_HEAD_MS);
  // This property is an option of createServer, which Nest calls. Node.js reads it when the server starts to listen.
  Object.assign(server, { connectionsCheckingInterval: CHECK_INTERVAL_MS });
  if (cluster.isWorker) dropConnectionsBeyond(server, maxConnections);
  else server.maxConnections = maxConnections;
  const logger = new Logger('Connections');
  let loggedAt = -Infinity;
  let closedIdleAt = -Infinity;
  server.on('drop', () => {
    const now = performance.now();
    if (now - closedIdleAt > CLOSE_IDLE_INTERVAL_MS) {
      closedIdleAt = now;
      // Clients of idle connections can reconnect when they need to, while a refused client needs a connection now.
      server.closeIdleConnections();
    }
    if (now - loggedAt < DROP_LOG_INTERVAL_MS) return;
    loggedAt = now;
    logger.warn(
      `A connection was refused, because ${maxConnections} are open, which is the limit (HTTP_MAX_CONNECTIONS, or a share of ` +
        'the limit of open files).',
    );
  });
}

/**
 * Closes connections beyond a number, as `maxConnections` does. In a process of Node's cluster, `maxConnections` would pass such
 * a connection on to the other processes, again and again while all of them are full, and without the event `drop`.
 */
function dropConnectionsBeyond(server: Server, maxConnections: number): void {
  let open = 0;
  server.on('connection', (socket: Socket) => {
    if (open >= maxConnections) {
      socket.destroy();
      server.emit('drop');
      return;
    }
    open++;
    socket.once('close', () => open--);
  });
}
