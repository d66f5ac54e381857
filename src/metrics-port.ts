import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import type { NestExpressApplication } from '@nestjs/platform-express';
import type { NextFunction, Request, Response } from 'express';
import type { Settings } from './config/settings.js';

const PAGE_PATHS = new Set(['/metrics', '/internal-backstage/prometheus']);

/**
 * With METRICS_PORT, moves the page to a port of its own: the same application answers there, but only the page, and the
 * page only there.
 *
 * @returns the listener, if there is one
 */
export async function servePageOnOwnPort(app: NestExpressApplication, settings: Settings): Promise<Server | undefined> {
  const { port } = settings.exposition;
  if (port === undefined) return undefined;
  const fromPageServer = new WeakSet<IncomingMessage>();
  app.use((request: Request, response: Response, next: NextFunction) => {
    if (isPagePath(request.path) === fromPageServer.has(request)) next();
    else response.status(404).json({ name: 'NotFoundError', message: `${request.path} is served on another port.` });
  });
  const express = app.getHttpAdapter().getInstance() as (request: IncomingMessage, response: ServerResponse) => void;
  const server = createServer((request, response) => {
    fromPageServer.add(request);
    express(request, response);
  });
  server.listen(port, settings.http.host);
  await once(server, 'listening');
  return server;
}

/** As Express matches paths: whatever the case, with a slash at the end or without. */
function isPagePath(path: string): boolean {
  return PAGE_PATHS.has(path.toLowerCase().replace(/\/+$/, ''));
}
