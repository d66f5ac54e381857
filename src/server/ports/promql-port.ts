import type { Server } from 'node:http';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { OpenRequests } from '../../api-tokens/limits/open-requests.js';
import type { Settings } from '../config/settings.js';
import { type ListenerSetup, serveOnFurtherPort } from './further-port.js';

const API_PATH = '/api/v1/';

/**
 * Serves `/api/v1` without a token on its own port if PROMQL_OPEN_PORT is set. That port serves nothing else.
 *
 * @returns the server, or undefined if PROMQL_OPEN_PORT is not set
 */
export async function servePromqlOnOpenPort(
  app: NestExpressApplication,
  settings: Settings,
  setup: ListenerSetup,
): Promise<Server | undefined> {
  const { openPort } = settings.promql;
  if (openPort === undefined) return undefined;
  const openRequests = app.get(OpenRequests);
  return serveOnFurtherPort(
    app,
    {
      host: settings.http.host,
      port: openPort,
      admit: (request) => openRequests.admit(request),
      isServed: (request) => !openRequests.has(request) || request.path.startsWith(API_PATH),
    },
    setup,
  );
}
