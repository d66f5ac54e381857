import type { Server as HttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Logger, type LoggerService } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { serveApiDocs } from './openapi/api-docs.js';
import { SignInLinks } from '../api-tokens/sessions/sign-in-links.js';
import { AppModule } from './app.module.js';
import type { Settings } from './config/settings.js';
import { IngestShortPath } from '../receivers/custom-metrics/fast-path/ingest-short-path.js';
import { configureApp } from './configure-app.js';
import { crossOrigin } from './cross-origin.js';
import type { EmbeddedPostgres } from './embedded-postgres/index.js';
import { findSchema, hasPendingMigrations, migrate } from './database/migrate.js';
import { waitForDatabase } from './database/wait-for-database.js';
import { type ExplorerAddress, explorerUrl, signInLink } from './explorer-link.js';
import { firstTokensPlace, type FirstTokensPlace } from './first-tokens-place.js';
import { type ConnectionLimits, limitConnections } from '../http/connections/connection-limits.js';
import { keepClosingIdle, keepConnections } from '../http/connections/keep-alive.js';
import { RequestEntry } from '../http/connections/request-entry.js';
import type { DatabaseSchema } from '../database/schema/database-schema.js';
import { localUrl } from './local-url.js';
import { servePageOnOwnPort } from './ports/metrics-port.js';
import { maxClientConnections, openFileLimit } from './process/open-files.js';
import { servePromqlOnOpenPort } from './ports/promql-port.js';

/** A running server. */
export interface RunningServer {
  /** The URL of the server on this machine, without a trailing slash. */
  readonly url: string;
  /** The URL that Prometheus scrapes. */
  readonly metricsUrl: string;
  /** The place and the outcome of the first tokens. */
  readonly firstTokens: FirstTokensPlace;
  /** The explorer; undefined if it is switched off. */
  readonly explorer: RunningExplorer | undefined;
  /** True if the data is in an embedded Postgres, which is meant for evaluation. */
  readonly isEmbedded: boolean;
  /** Finishes the running requests and closes the database. The promise resolves when this is done. */
  stop(): Promise<void>;
}

/** The explorer of a running server. */
interface RunningExplorer {
  readonly url: string;
  /** A link that signs in once. There is one only if the first tokens are shown, because it is as secret as they are. */
  readonly signInLink: string | undefined;
}

const logger = new Logger('Server');

/** Starts or waits for Postgres, prepares the schema, starts the application and opens the ports, in that order. */
export async function startServer(settings: Settings, sink: LoggerService): Promise<RunningServer> {
  const embedded = settings.database.url === undefined ? await startEmbedded(settings) : undefined;
  try {
    const databaseUrl = settings.database.url ?? embedded!.url;
    if (embedded === undefined) await waitForDatabase(databaseUrl, settings.database.startWaitSeconds, sink);
    const schema = await findSchema(databaseUrl, settings.database.schema);
    await prepareSchema(databaseUrl, schema, settings.database.migrateOnStart);
    const firstTokens = firstTokensPlace(path.resolve(settings.database.dataDir));
    const app = await NestFactory.create<NestExpressApplication>(
      AppModule.forRoot(settings, { url: databaseUrl, schema }, firstTokens),
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
    const pageServer = await servePageOnOwnPort(app, settings, { entry, limits: further });
    const promqlServer = await servePromqlOnOpenPort(app, settings, { entry, limits: further });
    serveApiDocs(app);
    keepConnections(app.getHttpServer());
    limitConnections(app.getHttpServer(), main);
    entry.install(app.getHttpServer(), crossOrigin(settings.http.corsAllowedOrigins));
    readSourceMap();
    await app.listen(settings.http.port, settings.http.host);
    const url = urlOf(app.getHttpServer());
    logger.log(`Listening on ${url}`);
    if (promqlServer) logger.log(`PromQL without a token at ${urlOf(promqlServer)}/api/v1`);
    return {
      url,
      metricsUrl: `${pageServer === undefined ? url : urlOf(pageServer)}/metrics`,
      firstTokens,
      explorer: await openExplorer(app, settings, url, firstTokens),
      isEmbedded: embedded !== undefined,
      stop: () => {
        entry.stop();
        return stop(app, [pageServer, promqlServer], embedded, settings.http.shutdownTimeoutMs);
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

/** Creates the link by which a person who sees the first tokens opens the explorer. */
async function openExplorer(
  app: NestExpressApplication,
  { explorer }: Settings,
  url: string,
  { outcome }: FirstTokensPlace,
): Promise<RunningExplorer | undefined> {
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

async function startEmbedded(settings: Settings): Promise<EmbeddedPostgres> {
  const dataDir = path.resolve(settings.database.dataDir, 'postgres');
  // The module is imported only here, because an image without the optional packages must also start.
  const { startEmbeddedPostgres } = await import('./embedded-postgres/index.js');
  const embedded = await startEmbeddedPostgres({
    dataDir,
    isKeptRunning: true,
    log: (message) => logger.log(message),
    logError: (message) => logger.error(message),
  });
  logger.warn(
    `DATABASE_URL is not set: using an embedded Postgres ${embedded.version} with its data in ${dataDir}. ` +
      'That is for evaluation and tests; set DATABASE_URL in production.',
  );
  return embedded;
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
