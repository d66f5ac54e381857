import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { OwnMetrics } from '../../catalog/metric/own-metrics.js';
import { limitConnections } from '../../http/connections/connection-limits.js';
import { keepConnections } from '../../http/connections/keep-alive.js';
import { ScrapeHandOver } from '../../queries/exposition/scrape-hand-over.js';
import { PeerLag } from '../../sample-store/peers/peer-lag.js';
import type { ListenerSetup } from '../ports/further-port.js';
import { familiesToJson } from './own-families.js';
import { ScrapeForwarding } from './scrape-forwarding.js';
import { withSiblings } from './sibling-metrics.js';
import { hasSecret, LOOPBACK, OWN_METRICS_PATH } from './sibling-requests.js';
import type { Siblings } from './siblings.js';

/** The port of a process for the server's other processes. */
export interface ProcessPort {
  readonly server: Server;
  /** Opens the port. The promise resolves to its number. */
  open(): Promise<number>;
}

/**
 * Prepares the port of a process that only the server's other processes can use. Through these ports, one process answers all
 * scrapes, with the own metrics of all processes.
 *
 * @param admitPage receives every forwarded request, before the request is handled
 */
export function prepareProcessPort(
  app: NestExpressApplication,
  siblings: Siblings,
  admitPage: (request: IncomingMessage) => void,
  { entry, limits, messages }: ListenerSetup,
): ProcessPort {
  const fromSiblings = new WeakSet<IncomingMessage>();
  const own = app.get(OwnMetrics, { strict: false });
  const express = app.getHttpAdapter().getInstance() as (request: IncomingMessage, response: ServerResponse) => void;
  const server = createServer(messages, (request, response) => {
    if (!hasSecret(request, siblings.secret)) response.writeHead(404).end();
    else if (request.url === OWN_METRICS_PATH) void answerOwnMetrics(own, response);
    else {
      fromSiblings.add(request);
      admitPage(request);
      express(request, response);
    }
  });
  keepConnections(server);
  limitConnections(server, limits);
  entry.install(server);
  const forwarding = new ScrapeForwarding(siblings, app.get(PeerLag, { strict: false }), (request) =>
    fromSiblings.has(request),
  );
  server.once('close', () => forwarding.stop());
  app
    .get(ScrapeHandOver, { strict: false })
    .handOverTo((request, response) => forwarding.answerElsewhere(request, response));
  own.addOthers((families) => withSiblings(siblings, families));
  return {
    server,
    open: async () => {
      // Without `exclusive`, all processes would share the port.
      server.listen({ port: 0, host: LOOPBACK, exclusive: true });
      await once(server, 'listening');
      return (server.address() as { port: number }).port;
    },
  };
}

async function answerOwnMetrics(own: OwnMetrics, response: ServerResponse): Promise<void> {
  try {
    const body = familiesToJson(await own.familiesOfThisProcess());
    response.writeHead(200, { 'Content-Type': 'application/json' }).end(body);
  } catch {
    response.writeHead(500).end();
  }
}
