import type { IncomingMessage } from 'node:http';
import type { NestExpressApplication } from '@nestjs/platform-express';
import type { Settings } from '../config/settings.js';
import { type ListenerSetup, type PreparedPort, prepareFurtherPort } from './further-port.js';
import { withoutTrailingSlashes } from '../../http/trailing-slashes.js';

const PAGE_PATHS = new Set(['/metrics', '/internal-backstage/prometheus']);

/**
 * Prepares a port for the exposition if METRICS_PORT is set. The same application answers on that port, which serves only the
 * exposition; no other port serves it.
 *
 * @param pageRequests the requests that may get the exposition; those that arrive on the new port are added
 * @returns undefined if METRICS_PORT is not set
 */
export function preparePagePort(
  app: NestExpressApplication,
  settings: Settings,
  pageRequests: WeakSet<IncomingMessage>,
  setup: ListenerSetup,
): PreparedPort | undefined {
  const { port } = settings.exposition;
  if (port === undefined) return undefined;
  return prepareFurtherPort(
    app,
    {
      host: settings.http.host,
      port,
      admit: (request) => void pageRequests.add(request),
      isServed: (request) => isPagePath(request.path) === pageRequests.has(request),
    },
    setup,
  );
}

/** Matches paths as Express does: ignoring case, and with or without a trailing slash. */
function isPagePath(path: string): boolean {
  return PAGE_PATHS.has(withoutTrailingSlashes(path.toLowerCase()));
}
