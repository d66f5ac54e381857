import type { IncomingMessage, Server } from 'node:http';
import type { NestExpressApplication } from '@nestjs/platform-express';
import type { Settings } from '../config/settings.js';
import { type ListenerSetup, serveOnFurtherPort } from './further-port.js';
import { withoutTrailingSlashes } from '../../http/trailing-slashes.js';

const PAGE_PATHS = new Set(['/metrics', '/internal-backstage/prometheus']);

/**
 * With METRICS_PORT, moves the page to a port of its own: the same application answers there, but only the page, and the
 * page only there.
 *
 * @returns the listener, if there is one
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

/** As Express matches paths: whatever the case, with a slash at the end or without. */
function isPagePath(path: string): boolean {
  return PAGE_PATHS.has(withoutTrailingSlashes(path.toLowerCase()));
}
