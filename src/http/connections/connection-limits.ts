import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { Logger } from '@nestjs/common';
import { ReusableConnections } from './reusable-connections.js';

/**
 * The pause between two checks for slow requests. With Node's default of 30 s, a request that is limited to 30 s could take 60 s.
 */
const CHECK_INTERVAL_MS = 1_000;

/**
 * Maximum time for the headers of a request, which fit into one or two packets. A silent connection would otherwise occupy a slot
 * for longer.
 */
const LONGEST_HEAD_MS = 10_000;

const LOG_INTERVAL_MS = 60_000;

/** The limits for the clients of one listener. */
export interface ConnectionLimits {
  /** Maximum time for a request to arrive, including its body. The answer may take longer. */
  readonly requestTimeoutMs: number;
  readonly maxConnections: number;
}

/**
 * Limits the time for requests to arrive, and the number of connections. This function must be called before the server listens.
 * The requests of the server must pass through a RequestEntry, which tracks the connections on which a request is in progress.
 */
export function limitConnections(server: Server, { requestTimeoutMs, maxConnections }: ConnectionLimits): void {
  // The minimum is 1, because 0 would mean no limit.
  server.requestTimeout = Math.max(requestTimeoutMs, 1);
  server.headersTimeout = Math.min(server.requestTimeout, LONGEST_HEAD_MS);
  // This property is an option of createServer, which Nest calls. Node.js reads it when the server starts to listen.
  Object.assign(server, { connectionsCheckingInterval: CHECK_INTERVAL_MS });
  limitNumber(server, maxConnections);
}

/**
 * Limits the number of open connections. For each new connection above the limit, one without a request in progress is closed, or
 * the new one if no such connection is found. Otherwise clients that send nothing would keep out all others until they time out.
 *
 * The server's own `maxConnections` is not used, because it only refuses new connections. In a process of Node's cluster, it would
 * pass such a connection on to the other processes, again and again while all of them are full.
 */
function limitNumber(server: Server, maxConnections: number): void {
  const open = new ReusableConnections();
  const logger = new Logger('Connections');
  let loggedAt = -Infinity;
  server.on('connection', (socket: Socket) => {
    const isFull = open.size >= maxConnections;
    const hasRoom = !isFull || open.closeOne();
    if (hasRoom) open.add(socket);
    else socket.destroy();
    if (!isFull || performance.now() - loggedAt < LOG_INTERVAL_MS) return;
    loggedAt = performance.now();
    logger.warn(
      `${maxConnections} connections are open, which is the limit (HTTP_MAX_CONNECTIONS, or a share of the limit of open files). ` +
        (hasRoom
          ? 'One on which no request was in progress was closed for a new one.'
          : 'A new one was refused, because requests are in progress on all others.'),
    );
  });
}
