import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { NestExpressApplication } from '@nestjs/platform-express';
import type { NextFunction, Request, Response } from 'express';
import { type ConnectionLimits, limitConnections } from '../../http/connections/connection-limits.js';
import { keepConnections } from '../../http/connections/keep-alive.js';
import type { RequestEntry } from '../../http/connections/request-entry.js';

/** What a further port of the same application is for. */
export interface FurtherPort {
  readonly host: string;
  /** 0 = any free one. */
  readonly port: number;
  /** Told of every request that comes in there, before anybody looks at it. */
  readonly admit: (request: IncomingMessage) => void;
  /** Whether a request is answered at the port where it came in; otherwise it is 404. */
  readonly isServed: (request: Request) => boolean;
}

/** What all listeners have in common. */
export interface ListenerSetup {
  readonly entry: RequestEntry;
  readonly limits: ConnectionLimits;
}

/**
 * Lets an application answer on a further port, too.
 *
 * @returns the listener, once it listens
 */
export async function serveOnFurtherPort(
  app: NestExpressApplication,
  { host, port, admit, isServed }: FurtherPort,
  { entry, limits }: ListenerSetup,
): Promise<Server> {
  app.use((request: Request, response: Response, next: NextFunction) => {
    if (isServed(request)) next();
    else response.status(404).json({ name: 'NotFoundError', message: `${request.path} is served on another port.` });
  });
  const express = app.getHttpAdapter().getInstance() as (request: IncomingMessage, response: ServerResponse) => void;
  const server = createServer((request, response) => {
    admit(request);
    express(request, response);
  });
  keepConnections(server);
  limitConnections(server, limits);
  entry.install(server);
  server.listen(port, host);
  await once(server, 'listening');
  return server;
}
