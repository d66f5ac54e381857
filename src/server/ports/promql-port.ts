import type { NestExpressApplication } from '@nestjs/platform-express';
import { OpenRequests } from '../../api-tokens/limits/open-requests.js';
import type { Settings } from '../config/settings.js';
import { type ListenerSetup, type PreparedPort, prepareFurtherPort } from './further-port.js';

const API_PATH = '/api/v1/';

/**
 * Prepares a port for `/api/v1` without a token if PROMQL_OPEN_PORT is set. That port serves nothing else.
 *
 * @returns undefined if PROMQL_OPEN_PORT is not set
 */
export function preparePromqlPort(
  app: NestExpressApplication,
  settings: Settings,
  setup: ListenerSetup,
): PreparedPort | undefined {
  const { openPort } = settings.promql;
  if (openPort === undefined) return undefined;
  const openRequests = app.get(OpenRequests);
  return prepareFurtherPort(
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
