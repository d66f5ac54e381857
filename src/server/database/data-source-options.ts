import type { DataSourceOptions } from 'typeorm';
import { CUSTOM_METRICS_ENTITIES } from '../../custom-metrics.entities.js';
import { CUSTOM_METRICS_MIGRATIONS } from '../../custom-metrics.migrations.js';
import { ignoreErrors } from '../../database/connections/connection-pool.js';

/** Maximum time to connect; after that it counts as an outage. On a dead host, connecting would otherwise take minutes. */
const CONNECT_TIMEOUT_MS = 3_000;

type PostgresOptions = Extract<DataSourceOptions, { type: 'postgres' }>;

/**
 * Returns the options for all connections of the service.
 *
 * @param url `postgres://user:password@host:port/database`; never logged
 * @param statementTimeoutMs the time after which Postgres cancels a statement, so that a lock or a slow disk can't use up all
 *   connections; 0 means never, for migrations
 */
export function dataSourceOptions(url: string, poolSize: number, statementTimeoutMs = 0): PostgresOptions {
  return {
    type: 'postgres',
    url,
    poolSize,
    connectTimeoutMS: CONNECT_TIMEOUT_MS,
    applicationName: 'custom-metrics',
    entities: CUSTOM_METRICS_ENTITIES,
    migrations: CUSTOM_METRICS_MIGRATIONS,
    migrationsTableName: 'custom_metrics_migration',
    // Each migration has its own transaction, so that one can opt out of it for CREATE INDEX CONCURRENTLY.
    migrationsTransactionMode: 'each',
    // TypeORM would log failed statements with all their parameters. Errors are logged where they are handled.
    logging: false,
    extra: { keepAlive: true, statement_timeout: statementTimeoutMs, onConnect: ignoreErrors },
  };
}
