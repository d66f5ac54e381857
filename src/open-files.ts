import type { Settings } from './config/settings.js';

/** Files, pipes of threads, listeners, and connections that are being closed. */
const OTHER_DESCRIPTORS = 64;

/** Where the system does not say, as on Windows, which has no such limit. */
const UNLIMITED = 1_000_000;

/** The most file descriptors that this process may have open. */
export function openFileLimit(): number {
  const { report } = process as { report: NodeJS.ProcessReport & { excludeNetwork?: boolean } };
  // Otherwise the names of all peers would be looked up.
  report.excludeNetwork = true;
  const { userLimits } = report.getReport() as unknown as { userLimits?: { open_files?: { soft?: unknown } } };
  const limit = Number(userLimits?.open_files?.soft);
  return Number.isSafeInteger(limit) && limit > 0 ? Math.min(limit, UNLIMITED) : UNLIMITED;
}

/**
 * How many connections of clients leave enough file descriptors for connections to Postgres. Without a reserve, clients
 * that only connect would keep the service from its database.
 */
export function maxConnectionsFor(
  settings: Pick<Settings, 'http' | 'database' | 'history' | 'unleash'>,
  limit: number,
): number {
  if (settings.http.maxConnections !== undefined) return settings.http.maxConnections;
  const pools = settings.history.databaseUrl === undefined ? 1 : 2;
  const forClients = limit - OTHER_DESCRIPTORS - pools * settings.database.poolSize;
  // A request that is forwarded needs a second one.
  const perClient = settings.unleash.upstreamUrl === undefined ? 1 : 2;
  return Math.max(Math.floor(forClients / perClient), 16);
}
