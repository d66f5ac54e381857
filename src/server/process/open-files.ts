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

/** What needs file descriptors beside the clients. */
export interface OtherConnections {
  /** To Postgres, all pools together. */
  readonly database: number;
  /** Whether requests are forwarded, each of which needs a second connection. */
  readonly isForwarding: boolean;
}

/**
 * How many connections of clients leave enough file descriptors for connections to Postgres. Without a reserve, clients
 * that only connect would keep the service from its database.
 */
export function maxClientConnections(openFiles: number, { database, isForwarding }: OtherConnections): number {
  const forClients = openFiles - OTHER_DESCRIPTORS - database;
  return Math.max(Math.floor(forClients / (isForwarding ? 2 : 1)), 16);
}
