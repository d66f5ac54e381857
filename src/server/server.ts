import type { IncomingMessage, Server as HttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Logger, type LoggerService } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { serveApiDocs } from './openapi/api-docs.js';
import { SignInLinks } from '../api-tokens/sessions/sign-in-links.js';
import type { AnnouncedExplorer, Announcement } from './welcome/announcement.js';
import { AppModule } from './app.module.js';
import type { Settings } from './config/settings.js';
import { IngestShortPath } from '../receivers/custom-metrics/fast-path/ingest-short-path.js';
import { configureApp } from './configure-app.js';
import { crossOrigin } from './cross-origin.js';
import type { EmbeddedPostgres } from './embedded-postgres/index.js';
import { findSchema, hasPendingMigrations, migrate } from './database/migrate.js';
import { waitForDatabase } from './database/wait-for-database.js';
import { type ExplorerAddress, explorerUrl, signInLink } from './welcome/explorer-link.js';
import { firstTokensPlace, type FirstTokensOutcome } from './welcome/first-tokens-place.js';
import { type ConnectionLimits, limitConnections } from '../http/connections/connection-limits.js';
import { keepClosingIdle, keepConnections } from '../http/connections/keep-alive.js';
import { RequestEntry } from '../http/connections/request-entry.js';
import type { DatabaseSchema } from '../database/schema/database-schema.js';
import { localUrl } from './local-url.js';
import { preparePagePort } from './ports/metrics-port.js';
import { maxClientConnections, openFileLimit } from './process/open-files.js';
import { preparePromqlPort } from './ports/promql-port.js';
import { prepareProcessPort } from './processes/process-port.js';
import type { Siblings } from './processes/siblings.js';
import { ServerAdapter } from './server-adapter.js';
import { startEmbedded } from './start-embedded.js';

/** A running server. */
export interface RunningServer {
  readonly announcement: Announcement;
  /** The port for the server's other processes; undefined if there are none. */
  readonly processPort: number | undefined;
  /** Finishes the running requests and closes the database. The promise resolves when this is done. */
  stop(): Promise<void>;
}

/** The place of a process in a server of several processes, as the primary has told it. */
export interface GroupMembership {
  readonly siblings: Siblings;
  /** The URL of the embedded Postgres of the primary; undefined if DATABASE_URL is set. */
  readonly embeddedUrl: string | undefined;
}

const logger = new Logger('Server');

/**
 * Starts or waits for Postgres, prepares the schema, starts the application and opens the ports, in that order.
 *
 * @param group the group of the process; undefined if it is the only one of its server
 */
export async function startServer(
  settings: Settings,
  sink: LoggerService,
  group?: GroupMembership,
): Promise<RunningServer> {
  const ownsPostgres = settings.database.url === undefined && group === undefined;
  const embedded = ownsPostgres ? await startEmbedded(settings) : undefined;
  try {
    const databaseUrl = settings.database.url ?? group?.embeddedUrl ?? embedded!.url;
    if (settings.database.url !== undefined) {
      await waitForDatabase(databaseUrl, settings.database.startWaitSeconds, sink);
    }
    const schema = await findSchema(databaseUrl, settings.database.schema);
    await prepareSchema(databaseUrl, schema, settings.database.migrateOnStart);
    const firstTokens = firstTokensPlace(path.resolve(settings.database.dataDir));
    const adapter = new ServerAdapter();
    const app = await NestFactory.create<NestExpressApplication>(
      AppModule.forRoot(settings, { url: databaseUrl, schema }, firstTokens),
      adapter,
      {
        logger: sink,
        // The routes themselves read bodies, after the guards have run.
        bodyParser: false,
        return503OnClosing: true,
        abortOnError: false,
      },
    );
    configureApp(app);
    // The middleware of the server only cleans up paths and separates ports, so a push to the exact path does not need it.
    app.get(IngestShortPath).install(app, { pastGlobals: true });
    const entry = new RequestEntry(settings.http.maxPipelinedRequests);
    const { main, further } = connectionLimitsOf(settings);
    const setup = { entry, limits: further, messages: adapter.messages };
    const pageRequests = new WeakSet<IncomingMessage>();
    const pagePort = preparePagePort(app, settings, pageRequests, setup);
    const promqlPort = preparePromqlPort(app, settings, setup);
    const processPort =
      group && prepareProcessPort(app, group.siblings, (request) => void pageRequests.add(request), setup);
    serveApiDocs(app);
    keepConnections(app.getHttpServer());
    limitConnections(app.getHttpServer(), main);
    entry.install(app.getHttpServer(), crossOrigin(settings.http.corsAllowedOrigins));
    readSourceMap();
    await app.init();
    const processPortNumber = await processPort?.open();
    await pagePort?.open();
    await promqlPort?.open();
    await app.listen(settings.http.port, settings.http.host);
    const url = urlOf(app.getHttpServer());
    logger.log(`Listening on ${url}`);
    if (promqlPort) logger.log(`PromQL without a token at ${urlOf(promqlPort.server)}/api/v1`);
    return {
      announcement: {
        url,
        metricsUrl: `${pagePort === undefined ? url : urlOf(pagePort.server)}/metrics`,
        firstTokens: firstTokens.outcome,
        explorer: await openExplorer(app, settings, url, firstTokens.outcome),
        isEmbedded: settings.database.url === undefined,
      },
      processPort: processPortNumber,
      stop: () => {
        entry.stop();
        const furtherServers = [pagePort, promqlPort, processPort].map((port) => port?.server);
        return stop(app, furtherServers, embedded, settings.http.shutdownTimeoutMs);
      },
    };
  } catch (error) {
    await embedded?.stop();
    throw error;
  }
}

/**
 * Makes Node.js parse the source map of the bundle now. Otherwise it would do so for the first stack trace, for example that of
 * an aborted request, and other requests would then wait for about 200 ms.
 */
function readSourceMap(): void {
  void new Error('Not thrown').stack;
}

/** Creates a link with which a person who sees the first tokens can open the explorer and sign in. */
async function openExplorer(
  app: NestExpressApplication,
  { explorer }: Settings,
  url: string,
  outcome: FirstTokensOutcome,
): Promise<AnnouncedExplorer | undefined> {
  if (!explorer.explorer) return undefined;
  const address: ExplorerAddress = { url: explorer.publicUrl ?? url, path: explorer.path };
  // Without a link, a person signs in with a token, so a failure here must not end the start.
  const link =
    outcome.kind === 'shown'
      ? await app
          .get(SignInLinks, { strict: false })
          .create()
          .catch(() => undefined)
      : undefined;
  return { url: explorerUrl(address), signInLink: link && signInLink(address, link.secret) };
}

/** Divides the connections among the listeners, and logs their number for operators who run into the limit. */
function connectionLimitsOf(settings: Settings): { main: ConnectionLimits; further: ConnectionLimits } {
  const requestTimeoutMs = settings.http.requestTimeoutSeconds * 1000;
  const openFiles = openFileLimit();
  const pools = settings.history.databaseUrl === undefined ? 1 : 2;
  const total =
    settings.http.maxConnections ??
    maxClientConnections(openFiles, {
      database: pools * settings.database.poolSize,
      isForwarding: settings.unleash.upstreamUrl !== undefined,
    });
  const furtherPorts = [settings.exposition.port, settings.promql.openPort].filter((port) => port !== undefined).length;
  const ofFurther = Math.max(Math.floor(total / 4), 4);
  logger.log(`Up to ${total} concurrent client connections; the process may have ${openFiles} open files.`);
  return {
    main: { requestTimeoutMs, maxConnections: Math.max(total - furtherPorts * ofFurther, 8) },
    further: { requestTimeoutMs, maxConnections: ofFurther },
  };
}

async function prepareSchema(databaseUrl: string, schema: DatabaseSchema, migratesOnStart: boolean): Promise<void> {
  if (migratesOnStart) {
    for (const name of await migrate(databaseUrl, schema.name)) logger.log(`Migrated: ${name}`);
  } else if (await hasPendingMigrations(databaseUrl, schema.name)) {
    throw new Error('The database lacks migrations and MIGRATE_ON_START is false: run `npm run migrate` first.');
  }
}

async function stop(
  app: NestExpressApplication,
  furtherServers: readonly (HttpServer | undefined)[],
  embedded: EmbeddedPostgres | undefined,
  timeoutMs: number,
): Promise<void> {
  const server: HttpServer = app.getHttpServer();
  // A client that never ends its request must not delay the stop, so its connection is closed before the time is up.
  const giveUp = setTimeout(() => {
    logger.warn('Requests are still running near the end of SHUTDOWN_TIMEOUT_MS: closing their connections.');
    server.closeAllConnections();
  }, timeoutMs * 0.8);
  const stopClosing = keepClosingIdle(server);
  for (const further of furtherServers) {
    further?.close();
    further?.closeAllConnections();
  }
  // Postgres may be unavailable. Requests that wait for it are not acknowledged, and the process must end nevertheless.
  await Promise.race([app.close(), sleep(timeoutMs)]);
  clearTimeout(giveUp);
  stopClosing();
  await embedded?.stop();
  logger.log('Stopped.');
}

function urlOf(server: HttpServer): string {
  const { address, port } = server.address() as AddressInfo;
  return localUrl(address, port);
}
