/** Number of descriptors that are reserved for files, pipes of threads, listeners, and connections that are being closed. */
const OTHER_DESCRIPTORS = 64;

/** The limit if the system reports none, as on Windows, which has no such limit. */
const UNLIMITED = 1_000_000;

/** Returns the maximum number of file descriptors that this process may have open. */
export function openFileLimit(): number {
  const { report } = process as { report: NodeJS.ProcessReport & { excludeNetwork?: boolean } };
  // Without this, the report would resolve the host names of all peers.
  report.excludeNetwork = true;
  const { userLimits } = report.getReport() as unknown as { userLimits?: { open_files?: { soft?: unknown } } };
  const limit = Number(userLimits?.open_files?.soft);
  return Number.isSafeInteger(limit) && limit > 0 ? Math.min(limit, UNLIMITED) : UNLIMITED;
}

/** Other connections of the service that need file descriptors. */
export interface OtherConnections {
  /** The number of connections to Postgres in all pools. */
  readonly database: number;
  /** Whether requests are forwarded, so that each of them needs a second connection. */
  readonly isForwarding: boolean;
}

/**
 * Returns the maximum number of client connections that leaves enough file descriptors for Postgres, but at least 16. Without
 * this reserve, idle client connections could keep the service from connecting to its database.
 */
export function maxClientConnections(openFiles: number, { database, isForwarding }: OtherConnections): number {
  const forClients = openFiles - OTHER_DESCRIPTORS - database;
  return Math.max(Math.floor(forClients / (isForwarding ? 2 : 1)), 16);
}
