import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { NestExpressApplication } from '@nestjs/platform-express';
import type { NextFunction, Request, Response } from 'express';
import { OpenRequests } from './api-tokens/open-requests.js';
import type { Settings } from './config/settings.js';

const API_PATH = '/api/v1/';

/**
 * With PROMQL_OPEN_PORT, answers `/api/v1` on a port of its own, without a token, and nothing else there.
 *
 * @returns the listener, if there is one
 */
export async function servePromqlOnOpenPort(
  app: NestExpressApplication,
  settings: Settings,
): Promise<Server | undefined> {
  const { openPort } = settings.promql;
  if (openPort === undefined) return undefined;
  const openRequests = app.get(OpenRequests);
  app.use((request: Request, response: Response, next: NextFunction) => {
    if (!openRequests.has(request) || request.path.startsWith(API_PATH)) next();
    else response.status(404).json({ name: 'NotFoundError', message: `${request.path} is served on another port.` });
  });
  const express = app.getHttpAdapter().getInstance() as (request: IncomingMessage, response: ServerResponse) => void;
  const server = createServer((request, response) => {
    openRequests.admit(request);
    express(request, response);
  });
  server.listen(openPort, settings.http.host);
  await once(server, 'listening');
  return server;
}
