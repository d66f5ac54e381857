import type { IncomingMessage, Server } from 'node:http';
import type { NestExpressApplication } from '@nestjs/platform-express';
import type { Settings } from '../config/settings.js';
import { type ListenerSetup, serveOnFurtherPort } from './further-port.js';
import { withoutTrailingSlashes } from '../../http/trailing-slashes.js';

const PAGE_PATHS = new Set(['/metrics', '/internal-backstage/prometheus']);

/**
 * Serves the exposition on its own port if METRICS_PORT is set. The same application answers on that port, which serves only the
 * exposition; no other port serves it.
 *
 * @returns the server, or undefined if METRICS_PORT is not set
 */
export async function servePageOnOwnPort(
  app: NestExpressApplication,
  settings: Settings,
  setup: ListenerSetup,
): Promise<Server | undefined> {
  const { port } = settings.exposition;
  if (port === undefined) return undefined;
  const fromPageServer = new WeakSet<IncomingMessage>();
  return serveOnFurtherPort(
    app,
    {
      host: settings.http.host,
      port,
      admit: (request) => void fromPageServer.add(request),
      isServed: (request) => isPagePath(request.path) === fromPageServer.has(request),
    },
    setup,
  );
}

/** Matches paths as Express does: ignoring case, and with or without a trailing slash. */
function isPagePath(path: string): boolean {
  return PAGE_PATHS.has(withoutTrailingSlashes(path.toLowerCase()));
}
