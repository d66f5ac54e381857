import type { DataSourceOptions } from 'typeorm';
import { CUSTOM_METRICS_ENTITIES } from '../../custom-metrics.entities.js';
import { CUSTOM_METRICS_MIGRATIONS } from '../../custom-metrics.migrations.js';
import { ignoreErrors } from '../../database/connections/connection-pool.js';

/** A connection that can't be had in this time counts as an outage: a dead host would else hold it for minutes. */
const CONNECT_TIMEOUT_MS = 3_000;

type PostgresOptions = Extract<DataSourceOptions, { type: 'postgres' }>;

/**
 * How the service connects.
 *
 * @param url `postgres://user:password@host:port/database`; never logged
 * @param statementTimeoutMs after which Postgres cancels a statement, so that a lock or a slow disk can't take all
 *   connections; 0 = never, for migrations
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
    // One transaction a migration, so that one may opt out of it for CREATE INDEX CONCURRENTLY.
    migrationsTransactionMode: 'each',
    // TypeORM would print failed statements with all their parameters; errors are logged where they are handled.
    logging: false,
    extra: { keepAlive: true, statement_timeout: statementTimeoutMs, onConnect: ignoreErrors },
  };
}
