import type { PostgresOptions } from '../schema/schema-migrations.js';
import { OwnClient, prepareSession } from './own-session.js';

/**
 * Maximum time to connect. An attempt that takes longer counts as an outage. Connecting to a dead host would otherwise take
 * minutes.
 */
const CONNECT_TIMEOUT_MS = 3_000;

/**
 * Returns the options of a connection pool.
 *
 * @param url a URL like `postgres://user:password@host:port/database`, which is never logged
 * @param statementTimeoutMs the time after which Postgres cancels a statement, so that statements that wait for a lock or a slow
 * disk can't occupy all connections; 0 means never
 */
export function connectionOptions(url: string, poolSize: number, statementTimeoutMs = 0): PostgresOptions {
  return {
    type: 'postgres',
    url,
    poolSize,
    connectTimeoutMS: CONNECT_TIMEOUT_MS,
    applicationName: 'custom-metrics',
    // TypeORM would log failed statements with all their parameters. Errors are logged where they are handled.
    logging: false,
    extra: {
      Client: OwnClient,
      keepAlive: true,
      statement_timeout: statementTimeoutMs,
      onConnect: (client: OwnClient) => prepareSession(client, CONNECT_TIMEOUT_MS),
    },
  };
}
