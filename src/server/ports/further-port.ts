import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { NestExpressApplication } from '@nestjs/platform-express';
import type { NextFunction, Request, Response } from 'express';
import { type ConnectionLimits, limitConnections } from '../../http/connections/connection-limits.js';
import { keepConnections } from '../../http/connections/keep-alive.js';
import type { RequestEntry } from '../../http/connections/request-entry.js';
import type { MessageClasses } from '../server-adapter.js';

/** An additional port of the same application. */
export interface FurtherPort {
  readonly host: string;
  /** The port number. 0 means any free port. */
  readonly port: number;
  /** Receives every request that arrives on the port, before the request is handled. */
  readonly admit: (request: IncomingMessage) => void;
  /** Returns whether a request is served on the port on which it has arrived. If not, the answer is 404. */
  readonly isServed: (request: Request) => boolean;
}

/** The configuration that all additional ports share. */
export interface ListenerSetup {
  readonly entry: RequestEntry;
  readonly limits: ConnectionLimits;
  readonly messages: MessageClasses;
}

/** A port that is prepared but not open yet. */
export interface PreparedPort {
  readonly server: Server;
  /** Opens the port. */
  open(): Promise<void>;
}

/**
 * Prepares an additional port of an application. It must be opened after the application is initialised, because a request that
 * arrives earlier would find no route.
 */
export function prepareFurtherPort(
  app: NestExpressApplication,
  { host, port, admit, isServed }: FurtherPort,
  { entry, limits, messages }: ListenerSetup,
): PreparedPort {
  app.use((request: Request, response: Response, next: NextFunction) => {
    if (isServed(request)) next();
    else response.status(404).json({ name: 'NotFoundError', message: `${request.path} is served on another port.` });
  });
  const express = app.getHttpAdapter().getInstance() as (request: IncomingMessage, response: ServerResponse) => void;
  const server = createServer(messages, (request, response) => {
    admit(request);
    express(request, response);
  });
  keepConnections(server);
  limitConnections(server, limits);
  entry.install(server);
  return {
    server,
    open: async () => {
      server.listen(port, host);
      await once(server, 'listening');
    },
  };
}
